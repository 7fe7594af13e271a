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
export interface XaConnections<Tx> {
  /** Where they come from; known again by its identity. */
  readonly pool: object;
  /** How many there are at the most. */
  readonly max: number;
  open(): Promise<XaConnection<Tx>>;
}

/** Lends one, and gives it back; after an error it is closed, unless `clean` has seen to it that nothing is open on it. */
export async function withXaConnection<Tx, T>(
  connections: XaConnections<Tx>,
  work: (connection: XaConnection<Tx>) => Promise<T>,
  clean: (connection: XaConnection<Tx>, after: unknown) => Promise<boolean> = () => Promise.resolve(false),
): Promise<T> {
  const connection = await connections.open();
  let value: T;
  try {
    value = await work(connection);
  } catch (error) {
    await ((await clean(connection, error)) ? connection.release() : connection.close());
    throw error;
  }
  await connection.release();
  return value;
}
