/**
 * Listings as SQL that every engine here takes: a filter that few transactions pass is answered from its own index, in one
 * page. Otherwise a page looks at a window of the newest and goes on from there, so that no filter makes one call read
 * everything.
 */
import { encodePosition, type ScanFilter, type ScanPage, type ScanPosition } from '@tandem/store';
import { headColumns, headOfRow } from './head-columns.js';

/** Most transactions that one page of a listing looks at. */
const windowRows = 5_000;
/** Beyond every gid that starts with the prefix before it: gids have at most 128 UTF-16 code units. */
const beyond = '\u{10ffff}'.repeat(64);

const unfinishedDefault = 'finished_at IS NULL';

/** SQL with one `?` for each value. */
export interface SqlText {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** What engines say differently. */
export interface ScanDialect {
  /** The table of heads. */
  readonly tx: string;
  /** `(created_at, gid)` beside a position, so that the index on both is used. */
  readonly position: (operator: '<' | '>=' | '>', position: ScanPosition) => SqlText;
  /** Newest first, so written that the engine does not walk the index of that order. */
  readonly sortedNewestFirst: string;
  /** What is unfinished, where an index of the engine wants it said otherwise. */
  readonly unfinished?: string;
}

/** Engines that look up `(a, b) < (x, y)` in an index. */
export function rowPosition(operator: '<' | '>=' | '>', { createdAt, gid }: ScanPosition): SqlText {
  return { sql: `(created_at, gid) ${operator} (?, ?)`, values: [createdAt, gid] };
}

/** One page: first it may be asked how many pass its narrow conditions, or where its window ends. */
export class ScanStatements {
  readonly #dialect: ScanDialect;
  readonly #filter: ScanFilter;
  readonly #limit: number;
  readonly #range: readonly SqlText[];

  constructor(dialect: ScanDialect, filter: ScanFilter, after: ScanPosition | undefined, limit: number) {
    this.#dialect = dialect;
    this.#filter = filter;
    this.#limit = limit;
    this.#range = [...timeRange(filter), ...(after === undefined ? [] : [dialect.position('<', after)])];
  }

  /** Each counts what passes a condition with an index of its own; see `isNarrow`. */
  counts(): readonly SqlText[] {
    return narrowConditions(this.#dialect, this.#filter).map(({ sql, values }) => ({
      sql: `SELECT count(*) FROM (SELECT 1 FROM ${this.#dialect.tx} WHERE ${sql} LIMIT ${windowRows + 1}) counted`,
      values,
    }));
  }

  /** The last of the window, where there is more beyond it. */
  windowEnd(): SqlText {
    return this.#select(
      'created_at, gid',
      this.#range,
      `ORDER BY created_at DESC, gid DESC LIMIT 1 OFFSET ${windowRows - 1}`,
    );
  }

  /** The heads, one more than the page holds. `end` is that of the window; a narrow page has none. */
  page(isNarrow: boolean, end: ScanPosition | undefined): SqlText {
    const conditions = [
      ...this.#range,
      ...conditionsOf(this.#dialect, this.#filter),
      ...(end === undefined ? [] : [this.#dialect.position('>=', end)]),
    ];
    const order = isNarrow ? this.#dialect.sortedNewestFirst : 'created_at DESC, gid DESC';
    const { sql, values } = this.#select(headColumns, conditions, `ORDER BY ${order} LIMIT ?`);
    return { sql, values: [...values, this.#limit + 1] };
  }

  pageOf(rows: readonly (readonly unknown[])[], end: ScanPosition | undefined): ScanPage {
    const heads = rows.slice(0, this.#limit).map((row) => headOfRow(row));
    const last = rows.length > this.#limit ? heads.at(-1) : end;
    return { heads, nextCursor: last === undefined ? undefined : encodePosition(last) };
  }

  #select(columns: string, conditions: readonly SqlText[], tail: string): SqlText {
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.map((condition) => condition.sql).join(' AND ')}`;
    return {
      sql: `SELECT ${columns} FROM ${this.#dialect.tx} ${where} ${tail}`,
      values: conditions.flatMap((condition) => condition.values),
    };
  }
}

/** Whether so few pass that one page may look at them all. */
export function isNarrow(count: unknown): boolean {
  return Number(count) <= windowRows;
}

/** The position in a row of `created_at, gid`. */
export function positionOf(row: readonly unknown[] | undefined): ScanPosition | undefined {
  return row === undefined ? undefined : { createdAt: Number(row[0]), gid: row[1] as string };
}

/** Conditions with an index of their own, that may be passed by few. */
function narrowConditions({ unfinished = unfinishedDefault }: ScanDialect, filter: ScanFilter): readonly SqlText[] {
  const found: SqlText[] = [];
  if (filter.gidPrefix !== undefined) found.push(hasPrefix(filter.gidPrefix));
  if (filter.isFinished === false) found.push({ sql: unfinished, values: [] });
  return found;
}

function hasPrefix(prefix: string): SqlText {
  return { sql: 'gid >= ? AND gid <= ?', values: [prefix, prefix + beyond] };
}

function timeRange({ createdFrom, createdBefore }: ScanFilter): readonly SqlText[] {
  const found: SqlText[] = [];
  if (createdFrom !== undefined) found.push({ sql: 'created_at >= ?', values: [createdFrom] });
  if (createdBefore !== undefined) found.push({ sql: 'created_at < ?', values: [createdBefore] });
  return found;
}

function conditionsOf({ unfinished = unfinishedDefault }: ScanDialect, filter: ScanFilter): readonly SqlText[] {
  const found: SqlText[] = [];
  if (filter.status !== undefined) found.push({ sql: 'status = ?', values: [filter.status] });
  if (filter.type !== undefined) found.push({ sql: 'type = ?', values: [filter.type] });
  if (filter.isPaused !== undefined) found.push({ sql: 'is_paused = ?', values: [filter.isPaused ? 1 : 0] });
  if (filter.isFinished !== undefined) {
    found.push({ sql: filter.isFinished ? 'finished_at IS NOT NULL' : unfinished, values: [] });
  }
  if (filter.owner !== undefined) found.push({ sql: 'lease_owner = ?', values: [filter.owner] });
  if (filter.gidPrefix !== undefined) found.push(hasPrefix(filter.gidPrefix));
  return found;
}
