/**
 * The database behind the barriers of an SQL library, for what keeps rows of its own in the caller's transactions: the outbox. A
 * promise that is not needed is not made, so that a statement is on its way before its caller goes on.
 */
import type { AsyncBarrierDatabase, SyncBarrierDatabase } from '../barrier/barrier-database.js';
import { chain, type MaybePromise } from '../barrier/maybe-promise.js';
import { begun, type SqlAdapter } from './sql-adapter.js';

/** Runs one statement, in which `?` stands for each value, and answers its rows; at once where the driver does. */
export type SqlStatements = (sql: string, values: readonly string[]) => MaybePromise<readonly unknown[]>;

/** Statements in a caller's transaction, or in one of their own. */
export interface SqlAccess<Tx> {
  /** Whose SQL it speaks. */
  readonly engine: 'postgres' | 'mysql' | 'sqlite';
  /** What runs statements in the transaction that is open on `tx`; undefined where none is. */
  within(tx: Tx): MaybePromise<SqlStatements | undefined>;
  /** Begins, works, commits; rolls back and throws when the work throws. */
  transaction<T>(work: (run: SqlStatements) => MaybePromise<T>): Promise<T>;
}

/** Barriers of a library that speaks SQL, and its driver answers by promises. */
export interface AsyncSqlDatabase<Tx> extends AsyncBarrierDatabase<Tx> {
  /** Its statements. */
  readonly sql: SqlAccess<Tx>;
}

/** Barriers of a library that speaks SQL, and its driver answers at once. */
export interface SyncSqlDatabase<Tx> extends SyncBarrierDatabase<Tx> {
  /** Its statements. */
  readonly sql: SqlAccess<Tx>;
}

/** What an outbox works on: one of the entries for SQL makes it. */
export type SqlDatabase<Tx> = AsyncSqlDatabase<Tx> | SyncSqlDatabase<Tx>;

export function sqlAccess<Tx>(engine: SqlAccess<Tx>['engine'], adapter: SqlAdapter<Tx>): SqlAccess<Tx> {
  return {
    engine,
    within: (tx) => chain(adapter.on(tx).opened(), (open) => (open === undefined ? undefined : adapter.query(open))),
    transaction: (work) => begun(adapter, async (tx) => work(adapter.query(tx))),
  };
}
