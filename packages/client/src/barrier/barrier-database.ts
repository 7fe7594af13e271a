/**
 * What a database must give so that barriers work on it: one file per driver implements this.
 *
 * B1. `insert` waits for another open transaction that holds the same key, and answers what is true after it ended.
 * B2. All of a session runs in one transaction of the database, together with the business writes.
 * B3. Keys compare as bytes.
 */
import type { BarrierRow } from '@tandem/protocol';
import type { MaybePromise } from './maybe-promise.js';

/** The barrier's statements, inside an open transaction. */
export interface BarrierSession<Tx> {
  /** What business code writes through. */
  readonly tx: Tx;
  /** Inserts the row unless its key is there; answers whether it did. */
  insert(row: BarrierRow): MaybePromise<boolean>;
  /** The reason of the row with this key, as committed or as written by this transaction. */
  reasonOf(row: BarrierRow): MaybePromise<string | undefined>;
  /**
   * Throws where the row that was inserted is no longer there. Only for engines that end a transaction on an error, and let the next
   * statements be done without one.
   */
  requireKept?(row: BarrierRow): MaybePromise<void>;
  /** Deletes rows that are older, the oldest first; answers how many. */
  deleteOld(bounds: OldRows): MaybePromise<number>;
}

/** Which rows are old enough to go. */
export interface OldRows {
  /** Their age at least, a whole number. */
  readonly seconds: number;
  /** No more than these in one transaction. */
  readonly rowsMax: number;
}

/** A session whose statements answer by promises. */
export interface AsyncBarrierSession<Tx> extends BarrierSession<Tx> {
  insert(row: BarrierRow): Promise<boolean>;
  reasonOf(row: BarrierRow): Promise<string | undefined>;
  deleteOld(bounds: OldRows): Promise<number>;
}

interface BarrierDatabaseVerbs<Tx> {
  /** Begins, works, commits; rolls back and throws when the work throws. */
  transaction<T>(work: (session: BarrierSession<Tx>) => MaybePromise<T>): Promise<T>;
  /** Like `transaction`, but waits for locks only briefly: `open` when somebody else still holds one. */
  check<T>(work: (session: BarrierSession<Tx>) => MaybePromise<T>): Promise<T | 'open'>;
}

/** A database whose driver answers by promises. */
export interface AsyncBarrierDatabase<Tx> extends BarrierDatabaseVerbs<Tx> {
  /** Tells the two kinds apart. */
  readonly mode: 'async';
  /** Works in the transaction that the caller has open. Throws `BARRIER_OUTSIDE_TRANSACTION` where there is none. */
  joined<T>(work: (session: BarrierSession<Tx>) => MaybePromise<T>): Promise<T>;
}

/** A database whose driver answers at once. Its transactions must not wait for anything: others share the connection. */
export interface SyncBarrierDatabase<Tx> extends BarrierDatabaseVerbs<Tx> {
  /** Tells the two kinds apart. */
  readonly mode: 'sync';
  /** Works in the transaction that the caller has open. Throws `BARRIER_OUTSIDE_TRANSACTION` where there is none. */
  joined<T>(work: (session: BarrierSession<Tx>) => MaybePromise<T>): T;
}

/** What a barrier works on: one of the entries of this package makes it of a pool, a connection or a library's database. */
export type BarrierDatabase<Tx> = AsyncBarrierDatabase<Tx> | SyncBarrierDatabase<Tx>;
