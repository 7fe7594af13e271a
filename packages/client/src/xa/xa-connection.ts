import type { MaybePromise } from '../barrier/maybe-promise.js';
import type { SqlQuery } from '../sql/sql-adapter.js';

/** A connection that a branch has for itself, as long as it needs one. */
export interface XaConnection<Tx> {
  /** What the work writes through. */
  readonly tx: Tx;
  readonly query: SqlQuery;
  /** Gives it back; nothing is open on it. */
  release(): MaybePromise<void>;
  /** Closes it, with what is open on it. */
  close(): MaybePromise<void>;
}

/** What a driver must give so that XA branches work on it. */
export type OpenXaConnection<Tx> = () => Promise<XaConnection<Tx>>;
