/**
 * What an adapter says of its library; the engine's file makes barriers of it. Only what every library can do is asked for: a
 * transaction as a callback, and a statement with values whose rows come back.
 */
import { InvalidUse } from '../errors.js';
import type { MaybePromise } from '../barrier/maybe-promise.js';

/** Runs one statement, in which `?` stands for each value, and answers its rows; none where the statement has none. */
export type SqlQuery = (sql: string, values: readonly string[]) => Promise<readonly unknown[]>;

export interface SqlAdapter<Tx> {
  /** The transaction that the caller has open on what was given; undefined where it has none. */
  opened(): MaybePromise<Tx | undefined>;
  /** The adapter of what a caller names as his open transaction. */
  on(tx: Tx): SqlAdapter<Tx>;
  /** Begins, works, commits; rolls back and throws when the work throws. */
  begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  query(tx: Tx): SqlQuery;
}

/** `?` as `$1`, `$2`...: the statements of barriers have no other `?`. */
export function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${(count += 1)}`);
}

/** The transaction that is open. Throws `BARRIER_OUTSIDE_TRANSACTION` where none is. */
export async function openedOf<Tx>(adapter: SqlAdapter<Tx>): Promise<Tx> {
  const tx = await adapter.opened();
  if (tx !== undefined) return tx;
  const told = 'barrier.run needs what has a transaction open: begin one first, or use barrier.transaction';
  throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', told);
}

/** Begins a transaction; refuses to begin one inside another, whose commit would be no commit. */
export async function begun<Tx, T>(adapter: SqlAdapter<Tx>, work: (tx: Tx) => Promise<T>): Promise<T> {
  if ((await adapter.opened()) === undefined) return adapter.begin(work);
  const told = 'a transaction is open here: use barrier.run inside it, or give what begins one';
  throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', told);
}

/** What is in this column of the first row, as text; undefined where there is no row. */
export function textOf(rows: readonly unknown[], column: string): string | undefined {
  const [row] = rows as readonly Readonly<Record<string, string | number | bigint>>[];
  return row?.[column]?.toString();
}
