import {
  decodePosition,
  encodePosition,
  type LoadDepth,
  type ScanFilter,
  type ScanPage,
  type ScanPosition,
  type StoredHead,
  type StoredRow,
  type StoredTransaction,
} from '@tandem/store';
import { headColumns, headOfRow } from '../head-columns.js';
import type { SqliteConnection, SqlValue, Statement } from './sqlite-connection.js';

/** Most transactions that one page of a listing looks at. */
const windowRows = 5_000;
/** Beyond every gid that starts with the prefix before it: gids have at most 128 UTF-16 code units. */
const beyond = '\u{10ffff}'.repeat(64);

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Snapshots and listings. */
export class SqliteReads {
  readonly #connection: SqliteConnection;
  readonly #head: Statement;
  readonly #body: Statement;
  readonly #rows: Statement;
  readonly #statements = new Map<string, Statement>();

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#head = connection.prepare(`SELECT id, ${headColumns} FROM tx WHERE gid = ?`);
    this.#body = connection.prepare('SELECT body FROM tx_body WHERE tx_id = ?');
    this.#rows = connection.prepare('SELECT branch_id, op, value FROM tx_row WHERE tx_id = ?');
  }

  load(gid: string, depth: LoadDepth): StoredTransaction | undefined {
    const found = this.#head.get(gid);
    if (found === undefined) return undefined;
    const id = found[0] ?? null;
    return {
      head: headOfRow(found, 1),
      body: depth === 'head' ? '' : String(this.#body.get(id)?.[0] ?? ''),
      rows: depth === 'all' ? this.#rows.all(id).map(rowOf) : [],
    };
  }

  /**
   * A filter that few transactions pass is answered from its own index, in one page. Otherwise a page looks at a window
   * of the newest and goes on from there, so that no filter makes one call read the whole file.
   */
  scan(filter: ScanFilter, cursor: string | undefined, limit: number): ScanPage {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const narrow = narrowest(filter).find((condition) => this.#countUpTo(condition) <= windowRows);
    const range = [...timeRange(filter), ...(after === undefined ? [] : [before(after)])];
    const end = narrow === undefined ? this.#windowEnd(range) : undefined;
    const conditions = [...range, ...conditionsOf(filter), ...(end === undefined ? [] : [from(end)])];
    // The plus keeps SQLite from walking the whole order where the narrow index is the better way in.
    const order = narrow === undefined ? 'created_at DESC, gid DESC' : '+created_at DESC, gid DESC';
    const heads = this.#heads(`${where(conditions)} ORDER BY ${order} LIMIT ?`, [...valuesOf(conditions), limit + 1]);
    const page = heads.slice(0, limit);
    const last = heads.length > limit ? page.at(-1) : end;
    return { heads: page, nextCursor: last === undefined ? undefined : encodePosition(last) };
  }

  #heads(tail: string, values: readonly SqlValue[]): readonly StoredHead[] {
    return this.#statement(`SELECT ${headColumns} FROM tx ${tail}`)
      .all(...values)
      .map((row) => headOfRow(row));
  }

  /** The last of the window, where there is more beyond it. */
  #windowEnd(range: readonly Condition[]): ScanPosition | undefined {
    const row = this.#statement(
      `SELECT created_at, gid FROM tx ${where(range)} ORDER BY created_at DESC, gid DESC LIMIT 1 OFFSET ?`,
    ).get(...valuesOf(range), windowRows - 1);
    return row === undefined ? undefined : { createdAt: Number(row[0]), gid: String(row[1]) };
  }

  #countUpTo(condition: Condition): number {
    const sql = `SELECT count(*) FROM (SELECT 1 FROM tx WHERE ${condition.sql} LIMIT ${windowRows + 1})`;
    return Number(this.#statement(sql).get(...condition.values)?.[0]);
  }

  // The filters can be joined in a few dozen ways, so the statements are few.
  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function rowOf(row: readonly SqlValue[]): StoredRow {
  return { branchId: String(row[0]), op: String(row[1]), value: String(row[2]) };
}

/** Conditions with an index of their own, that may be passed by few. */
function narrowest(filter: ScanFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (filter.gidPrefix !== undefined) found.push(hasPrefix(filter.gidPrefix));
  if (filter.isFinished === false) found.push({ sql: 'finished_at IS NULL', values: [] });
  return found;
}

function hasPrefix(prefix: string): Condition {
  return { sql: 'gid >= ? AND gid <= ?', values: [prefix, prefix + beyond] };
}

function timeRange({ createdFrom, createdBefore }: ScanFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (createdFrom !== undefined) found.push({ sql: 'created_at >= ?', values: [createdFrom] });
  if (createdBefore !== undefined) found.push({ sql: 'created_at < ?', values: [createdBefore] });
  return found;
}

function before({ createdAt, gid }: ScanPosition): Condition {
  return { sql: '(created_at, gid) < (?, ?)', values: [createdAt, gid] };
}

function from({ createdAt, gid }: ScanPosition): Condition {
  return { sql: '(created_at, gid) >= (?, ?)', values: [createdAt, gid] };
}

function conditionsOf(filter: ScanFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (filter.status !== undefined) found.push({ sql: 'status = ?', values: [filter.status] });
  if (filter.type !== undefined) found.push({ sql: 'type = ?', values: [filter.type] });
  if (filter.isPaused !== undefined) found.push({ sql: 'is_paused = ?', values: [filter.isPaused ? 1 : 0] });
  if (filter.isFinished !== undefined) {
    found.push({ sql: `finished_at IS ${filter.isFinished ? 'NOT ' : ''}NULL`, values: [] });
  }
  if (filter.owner !== undefined) found.push({ sql: 'lease_owner = ?', values: [filter.owner] });
  if (filter.gidPrefix !== undefined) found.push(hasPrefix(filter.gidPrefix));
  return found;
}

function where(conditions: readonly Condition[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map((condition) => condition.sql).join(' AND ')}`;
}

function valuesOf(conditions: readonly Condition[]): readonly SqlValue[] {
  return conditions.flatMap((condition) => condition.values);
}
