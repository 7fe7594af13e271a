/**
 * Creates and commits. A batch is one transaction in one round trip, and each item a small prepared statement of its own
 * (docs/decisions/0012).
 *
 * P1. Statements are in the order of gids, so that two batches which share gids wait for each other and never deadlock.
 * P2. What did not apply is looked at again: its own token means that an earlier attempt of it did (C3). That attempt may
 *     still be under way when this one begins: then this one waits for it at the record or at the key, sees its version and
 *     changes nothing. If the earlier one comes later still, it is the one that finds another version.
 */
import {
  claimableAt,
  compareBytes,
  type CommitItem,
  type CreateItem,
  type WriteItem,
  type WriteResult,
} from '@tandem/store';
import { bytesOf } from '../item-bytes.js';
import { placeRows, versionOf, type PlacedRows } from '../row-log.js';
import { inList, type SqlResult, type SqlValue, type TableNames } from '../server-sql/sql-session.js';
import type { BoundStatement } from './pipelined-batch.js';
import { postgresFaults } from './postgres-fault.js';
import type { PostgresPool } from './postgres-pool.js';

const exists: WriteResult = { kind: 'exists' };
const conflict: WriteResult = { kind: 'conflict' };

/** See the file head. */
export class PostgresWrites {
  readonly #pool: PostgresPool;
  readonly #itemBytesMax: number;
  readonly #sql: ReturnType<typeof writeStatements>;
  readonly #tx: string;

  constructor(pool: PostgresPool, tables: TableNames, itemBytesMax: number) {
    this.#pool = pool;
    this.#itemBytesMax = itemBytesMax;
    this.#sql = writeStatements(tables);
    this.#tx = tables.tx;
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    const results = new Map<WriteItem, WriteResult>();
    const fitting: WriteItem[] = [];
    for (const item of items) {
      if (bytesOf(item) <= this.#itemBytesMax) fitting.push(item);
      else results.set(item, { kind: 'refused', reason: `larger than ${this.#itemBytesMax} bytes` });
    }
    fitting.sort((one, other) => compareBytes(one.gid, other.gid));
    if (fitting.length > 0) await this.#writeFitting(fitting, results);
    await this.#readTokens(
      fitting.filter((item) => !results.has(item)),
      results,
    );
    return items.map((item) => results.get(item) ?? (item.kind === 'create' ? exists : conflict));
  }

  /** Notes those that applied and those that were refused. */
  async #writeFitting(items: readonly WriteItem[], results: Map<WriteItem, WriteResult>): Promise<void> {
    let answers: readonly SqlResult[];
    try {
      answers = await this.#pool.write(items.map((item) => this.#statementFor(item)));
    } catch (error) {
      if (!postgresFaults.isRefusal(error)) throw error;
      const [first] = items;
      if (items.length === 1 && first !== undefined) {
        results.set(first, { kind: 'refused', reason: String(error) });
        return;
      }
      // All of it was rolled back with the one item that the engine refused; halving finds that item.
      const middle = items.length >> 1;
      await this.#writeFitting(items.slice(0, middle), results);
      await this.#writeFitting(items.slice(middle), results);
      return;
    }
    items.forEach((item, index) => {
      const result = appliedOf(item, answers[index]);
      if (result !== undefined) results.set(item, result);
    });
  }

  async #readTokens(items: readonly WriteItem[], results: Map<WriteItem, WriteResult>): Promise<void> {
    if (items.length === 0) return;
    const list = inList(items.map((item) => item.gid));
    const { rows } = await this.#pool.query(
      `SELECT gid, token, version, epoch FROM ${this.#tx} WHERE gid IN ${list.sql}`,
      list.values,
    );
    const stored = new Map(rows.map((row) => [row[0] as string, row]));
    for (const item of items) {
      const row = stored.get(item.gid);
      if (row?.[1] !== item.token) continue;
      results.set(item, { kind: 'applied', version: Number(row[2]), epoch: Number(row[3]) });
    }
  }

  #statementFor(item: WriteItem): BoundStatement {
    const placed = placeRows(item);
    const values = item.kind === 'create' ? createValues(item, placed) : commitValues(item, placed);
    return this.#pool.bind(this.#sql(item, placed.tableRows.length > 0), values);
  }
}

function appliedOf(item: WriteItem, answer: SqlResult | undefined): WriteResult | undefined {
  const [row] = answer?.rows ?? [];
  return row === undefined ? undefined : { kind: 'applied', version: versionOf(item), epoch: Number(row[0]) };
}

/** Each answers the epoch where it applied, and nothing where it did not. */
function writeStatements({ tx, txRow }: TableNames) {
  const put = (source: string): string => `
    INSERT INTO ${txRow} (gid, branch_id, op, value, version)
    SELECT ${source}.gid, given.b, given.o, given.v, ${source}.version
    FROM ${source}, json_to_recordset(?) AS given(b text, o text, v text)
    ON CONFLICT (gid, branch_id, op) DO UPDATE SET value = excluded.value, version = excluded.version`;
  const withRows = (write: string): string => `
    WITH written AS (${write}, gid, version), put AS (${put('written')}) SELECT epoch FROM written`;
  const create = `
    INSERT INTO ${tx} (gid, type, status, is_paused, due_at, waits_for, lease_owner, lease_until, claimable_at, epoch,
      version, token, created_at, updated_at, finished_at, state, row_log, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (gid) DO NOTHING RETURNING epoch`;
  const commit = (lease: string): string => `
    UPDATE ${tx} SET status = ?, is_paused = ?, due_at = ?, waits_for = ?, token = ?, updated_at = ?, finished_at = ?,
      state = ?, row_log = row_log || ?, version = version + 1, ${lease} WHERE gid = ? AND version = ? RETURNING epoch`;
  const commits = {
    keep: commit('claimable_at = CASE WHEN ?::bigint IS NULL THEN NULL ELSE greatest(?::bigint, lease_until) END'),
    renew: commit('claimable_at = ?, lease_until = ?'),
    release: commit(`claimable_at = ?, lease_until = 0, lease_owner = ''`),
    take: commit('claimable_at = ?, lease_until = ?, lease_owner = ?, epoch = epoch + 1'),
  };
  const createWithRows = withRows(create);
  const commitsWithRows = {
    keep: withRows(commits.keep),
    renew: withRows(commits.renew),
    release: withRows(commits.release),
    take: withRows(commits.take),
  };
  return (item: WriteItem, hasTableRows: boolean): string => {
    if (item.kind === 'create') return hasTableRows ? createWithRows : create;
    return (hasTableRows ? commitsWithRows : commits)[item.lease.kind];
  };
}

function createValues({ gid, token, head, body, lease }: CreateItem, placed: PlacedRows): readonly SqlValue[] {
  const leaseUntil = lease?.untilMs ?? 0;
  return [
    gid,
    head.type,
    head.status,
    head.isPaused ? 1 : 0,
    head.dueAt ?? null,
    head.waitsFor,
    lease?.owner ?? '',
    leaseUntil,
    claimableAt(head, leaseUntil) ?? null,
    lease === undefined ? 0 : 1,
    token,
    head.createdAt,
    head.updatedAt,
    head.finishedAt ?? null,
    head.state,
    placed.logEntry,
    body,
    ...tableRowValues(placed),
  ];
}

function commitValues(item: CommitItem, placed: PlacedRows): readonly SqlValue[] {
  const { gid, token, head, expectedVersion } = item;
  return [
    head.status,
    head.isPaused ? 1 : 0,
    head.dueAt ?? null,
    head.waitsFor,
    token,
    head.updatedAt,
    head.finishedAt ?? null,
    head.state,
    placed.logEntry,
    ...leaseValues(item),
    gid,
    expectedVersion,
    ...tableRowValues(placed),
  ];
}

function leaseValues({ head, lease }: CommitItem): readonly SqlValue[] {
  const claimable = (leaseUntil: number): number | null => claimableAt(head, leaseUntil) ?? null;
  switch (lease.kind) {
    case 'keep':
      return [claimable(0), claimable(0)];
    case 'renew':
      return [claimable(lease.untilMs), lease.untilMs];
    case 'release':
      return [claimable(0)];
    case 'take':
      return [claimable(lease.untilMs), lease.untilMs, lease.owner];
  }
}

function tableRowValues({ tableRows }: PlacedRows): readonly SqlValue[] {
  if (tableRows.length === 0) return [];
  return [JSON.stringify(tableRows.map(({ branchId, op, value }) => ({ b: branchId, o: op, v: value })))];
}
