import { chain, type MaybePromise } from '../barrier/maybe-promise.js';
import type { Client } from '../client.js';
import { checkNames, invalidOption, type OptionNames } from '../option-names.js';
import type { AsyncSqlDatabase, SqlDatabase, SyncSqlDatabase } from '../sql/sql-access.js';
import type { Submittable } from '../transaction/submittable.js';
import { OutboxRows, type OutboxCounts, type Parked } from './outbox-rows.js';
import { count, resolveRelayOptions, type RelayOptions } from './relay-options.js';
import { Relay } from './relay.js';
import { storedRequest } from './stored-request.js';

/** Which table an outbox uses. */
export interface OutboxOptions {
  /** Default `tandem_outbox`. */
  readonly table?: string;
}

/** A relay at work. */
export interface OutboxRelay {
  /** Claims nothing more; resolves when what is on its way has been answered: within the client's `timeout`. */
  close(): Promise<void>;
}

/** `Sent` is `void` where the driver answers at once, as on SQLite. */
export interface Outbox<Tx, Sent = Promise<void>> {
  /**
   * Writes a message or a saga into the transaction that is open on `tx`: it is submitted if and only if that commits. Throws
   * `OUTBOX_OUTSIDE_TRANSACTION` where none is open, and `INVALID_OPTION` or `INVALID_PAYLOAD` for what could not be submitted.
   */
  send(tx: Tx, transaction: Submittable): Sent;
  /**
   * Starts a relay: brings what is committed to the coordinator until it is closed. It keeps the process running. There may be
   * many, in many processes: each row is claimed by one.
   */
  relay(options?: RelayOptions): OutboxRelay;
  /** How much is waiting, and how much was refused. */
  counts(): Promise<OutboxCounts>;
  /** What the coordinator refused, the oldest first, no more than `limit` (1,000 at most; default 100). */
  parked(limit?: number): Promise<readonly Parked[]>;
  /** Has a parked message sent once more: what was in its way is mended. */
  putBack(gid: string): Promise<void>;
  /** Deletes a parked message: it will never be sent. */
  discard(gid: string): Promise<void>;
}

/** Uses the database of barriers: `pg(pool)`, `kyselyBarriers(db)`, `sqlite(connection)`... Makes no call. */
export function createOutbox<Tx>(tandem: Client, db: SyncSqlDatabase<Tx>, options?: OutboxOptions): Outbox<Tx, void>;
export function createOutbox<Tx>(tandem: Client, db: AsyncSqlDatabase<Tx>, options?: OutboxOptions): Outbox<Tx>;
export function createOutbox<Tx>(
  tandem: Client,
  db: SqlDatabase<Tx>,
  options: OutboxOptions = {},
): Outbox<Tx, MaybePromise<void>> {
  const rows = rowsOf(db, options);
  const relays = new Set<Relay>();
  const send = (tx: Tx, transaction: Submittable): MaybePromise<void> =>
    chain(rows.insert(tx, transaction.gid, storedRequest(transaction)), () => {
      for (const relay of relays) relay.wake();
    });
  return {
    // What answers by promises throws by them as well.
    send: db.mode === 'sync' ? send : async (tx, transaction) => send(tx, transaction),
    relay: (relayOptions = {}) => startRelay(rows, tandem, relayOptions, relays),
    counts: () => rows.counts(),
    parked: async (limit = 100) => rows.parked(count('limit', limit, 1_000)),
    putBack: async (gid) => {
      await rows.settleParked(gid, 'putBack');
      for (const relay of relays) relay.wake();
    },
    discard: (gid) => rows.settleParked(gid, 'discard'),
  };
}

/** Creates the table of an outbox where it is missing. Safe from many processes at once. */
export function createOutboxTable(db: SqlDatabase<unknown>, options: OutboxOptions = {}): Promise<void> {
  return rowsOf(db, options).createTable();
}

const outboxNames: OptionNames<OutboxOptions> = { table: true };

function rowsOf<Tx>(db: SqlDatabase<Tx>, options: OutboxOptions): OutboxRows<Tx> {
  checkNames('an outbox', options, outboxNames);
  if ((db as Partial<SqlDatabase<Tx>> | undefined)?.sql === undefined) {
    const told = 'an outbox is a table of an SQL database: give pg(pool), kyselyBarriers(db), sqlite(connection)...';
    throw invalidOption(told);
  }
  return new OutboxRows(db.sql, options.table ?? 'tandem_outbox');
}

function startRelay(rows: OutboxRows<never>, tandem: Client, options: RelayOptions, relays: Set<Relay>): OutboxRelay {
  const relay = new Relay(rows, tandem.connection, resolveRelayOptions(options, tandem.connection));
  relays.add(relay);
  const { signal } = options;
  const close = async (): Promise<void> => {
    relays.delete(relay);
    signal?.removeEventListener('abort', onAbort);
    await relay.close();
  };
  const onAbort = (): void => void close();
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  return { close };
}
