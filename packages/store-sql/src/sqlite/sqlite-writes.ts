import {
  claimableAt,
  type CommitItem,
  type CreateItem,
  type StoredRow,
  type WriteItem,
  type WriteResult,
} from '@tandem/store';
import { bytesOf } from '../item-bytes.js';
import type { SqliteConnection, Statement } from './sqlite-connection.js';
import { isRefusal } from './sqlite-fault.js';

const exists: WriteResult = { kind: 'exists' };
const conflict: WriteResult = { kind: 'conflict' };

/** Creates and commits. A batch is one transaction of the engine, and so one sync. */
export class SqliteWrites {
  readonly #connection: SqliteConnection;
  readonly #itemBytesMax: number;
  readonly #insert: Statement;
  readonly #insertBody: Statement;
  readonly #putRow: Statement;
  readonly #update: Statement;
  readonly #updateWithLease: Statement;
  readonly #find: Statement;

  constructor(connection: SqliteConnection, itemBytesMax: number) {
    this.#connection = connection;
    this.#itemBytesMax = itemBytesMax;
    this.#insert = connection.prepare(`
      INSERT INTO tx (gid, type, status, is_paused, due_at, waits_for, lease_owner, lease_until, claimable_at, epoch,
        version, token, created_at, updated_at, finished_at, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?) ON CONFLICT (gid) DO NOTHING`);
    this.#insertBody = connection.prepare('INSERT INTO tx_body (tx_id, body) VALUES (?, ?)');
    this.#putRow = connection.prepare(
      'INSERT OR REPLACE INTO tx_row (tx_id, branch_id, op, value) VALUES (?, ?, ?, ?)',
    );
    const change = `status = ?, is_paused = ?, due_at = ?, waits_for = ?, version = version + 1, token = ?,
      updated_at = ?, finished_at = ?, state = ?`;
    // max() of a NULL is NULL: what has no claim time keeps none, whatever its lease.
    this.#update = connection.prepare(`
      UPDATE tx SET ${change}, claimable_at = max(?, lease_until)
      WHERE gid = ? AND version = ? RETURNING id, version, epoch`);
    this.#updateWithLease = connection.prepare(`
      UPDATE tx SET ${change}, claimable_at = ?, lease_owner = coalesce(?, lease_owner), lease_until = ?,
        epoch = epoch + ?
      WHERE gid = ? AND version = ? RETURNING id, version, epoch`);
    this.#find = connection.prepare('SELECT version, epoch, token FROM tx WHERE gid = ?');
  }

  write(items: readonly WriteItem[]): readonly WriteResult[] {
    if (items.length === 0) return [];
    try {
      return this.#connection.transaction(() => items.map((item) => this.#writeOne(item)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // The transaction is gone with the one item that the engine refused; halving finds that item.
      if (items.length === 1) return [{ kind: 'refused', reason: String(error) }];
      const middle = items.length >> 1;
      return [...this.write(items.slice(0, middle)), ...this.write(items.slice(middle))];
    }
  }

  #writeOne(item: WriteItem): WriteResult {
    if (bytesOf(item) > this.#itemBytesMax) {
      return { kind: 'refused', reason: `larger than ${this.#itemBytesMax} bytes` };
    }
    return item.kind === 'create' ? this.#create(item) : this.#commit(item);
  }

  #create(item: CreateItem): WriteResult {
    const { gid, token, head, lease } = item;
    const leaseUntil = lease?.untilMs ?? 0;
    const epoch = lease === undefined ? 0 : 1;
    const { changes, lastInsertRowid } = this.#insert.run(
      gid,
      head.type,
      head.status,
      head.isPaused ? 1 : 0,
      head.dueAt ?? null,
      head.waitsFor,
      lease?.owner ?? '',
      leaseUntil,
      claimableAt(head, leaseUntil) ?? null,
      epoch,
      token,
      head.createdAt,
      head.updatedAt,
      head.finishedAt ?? null,
      head.state,
    );
    if (changes === 0) return this.#appliedBefore(item) ?? exists;
    this.#insertBody.run(lastInsertRowid, item.body);
    this.#putRows(lastInsertRowid, item.rows);
    return { kind: 'applied', version: 1, epoch };
  }

  #commit(item: CommitItem): WriteResult {
    const { gid, token, head, lease, expectedVersion } = item;
    const paused = head.isPaused ? 1 : 0;
    const dueAt = head.dueAt ?? null;
    const finishedAt = head.finishedAt ?? null;
    let row;
    if (lease.kind === 'keep') {
      const claimable = claimableAt(head, 0) ?? null;
      row = this.#update.get(
        ...[head.status, paused, dueAt, head.waitsFor, token, head.updatedAt, finishedAt, head.state],
        claimable,
        gid,
        expectedVersion,
      );
    } else {
      const leaseUntil = lease.kind === 'release' ? 0 : lease.untilMs;
      row = this.#updateWithLease.get(
        ...[head.status, paused, dueAt, head.waitsFor, token, head.updatedAt, finishedAt, head.state],
        claimableAt(head, leaseUntil) ?? null,
        ownerAfter(lease),
        leaseUntil,
        lease.kind === 'take' ? 1 : 0,
        gid,
        expectedVersion,
      );
    }
    if (row === undefined) return this.#appliedBefore(item) ?? conflict;
    this.#putRows(Number(row[0]), item.rows);
    return { kind: 'applied', version: Number(row[1]), epoch: Number(row[2]) };
  }

  #appliedBefore(item: WriteItem): WriteResult | undefined {
    const row = this.#find.get(item.gid);
    if (row === undefined || row[2] !== item.token) return undefined;
    return { kind: 'applied', version: Number(row[0]), epoch: Number(row[1]) };
  }

  #putRows(id: number, rows: readonly StoredRow[]): void {
    for (const row of rows) this.#putRow.run(id, row.branchId, row.op, row.value);
  }
}

/** The owner that a lease change writes; null: as it was. */
function ownerAfter(lease: Exclude<CommitItem['lease'], { readonly kind: 'keep' }>): string | null {
  switch (lease.kind) {
    case 'renew':
      return null;
    case 'release':
      return '';
    case 'take':
      return lease.owner;
  }
}
