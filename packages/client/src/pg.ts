/**
 * Barriers on PostgreSQL by node-postgres (`pg`), in DTM's table `dtm_barrier.barrier`.
 *
 * An insert waits while another open transaction holds the same key, and that is right: the answer depends on how the
 * other ends. Only a back-check does not wait for long; it answers that the transaction is open.
 *
 * @module
 */
import type { ClientBase, Pool, PoolClient } from 'pg';
import type { BarrierSession } from './barrier/barrier-database.js';
import { chain, type MaybePromise } from './barrier/maybe-promise.js';
import { InvalidUse } from './errors.js';
import { lendClient } from './postgres/lent-client.js';
import { pgQuery, pgSession, type PgBarrierOptions } from './postgres/pg-session.js';
import { lockTimeoutMsOf, postgresTable } from './postgres/postgres-session.js';
import { sqlState, sqlStateOf } from './postgres/sql-state.js';
import { sqlAccess, type AsyncSqlDatabase } from './sql/sql-access.js';
import type { SqlAdapter } from './sql/sql-adapter.js';

export { pgXa } from './postgres/pg-xa.js';
export type { PgBarrierOptions } from './postgres/pg-session.js';

const needsTransaction =
  'barrier.run needs the client on which a transaction is open: begin one first, or use barrier.transaction';

/** Uses a pool, of which every transaction takes a client; or one client, for `barrier.run` in a transaction on it. */
export function pg(pool: Pool, options?: PgBarrierOptions): AsyncSqlDatabase<PoolClient>;
export function pg(client: ClientBase, options?: PgBarrierOptions): AsyncSqlDatabase<ClientBase>;
export function pg(source: Pool | ClientBase, options: PgBarrierOptions = {}): AsyncSqlDatabase<ClientBase> {
  const session = (client: ClientBase): BarrierSession<ClientBase> => pgSession(client, options);
  return {
    mode: 'async',
    sql: sqlAccess('postgres', adapterOf(source)),
    joined: async (work) => {
      if (isPool(source) || !(await isInTransaction(source))) {
        throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', needsTransaction);
      }
      return work(session(source));
    },
    transaction: (work) => inOwnTransaction(source, ['begin'], (client) => work(session(client))),
    check: async (work) => {
      // Read committed: after the wait, the row that the other transaction committed is seen and not a conflict.
      const begin = ['begin isolation level read committed', `set local lock_timeout = ${lockTimeoutMsOf(options)}`];
      try {
        return await inOwnTransaction(source, begin, (client) => work(session(client)));
      } catch (error) {
        if (sqlStateOf(error) === sqlState.lockNotAvailable) return 'open';
        throw error;
      }
    },
  };
}

/** Creates the barrier table, and its schema, where they are missing. Safe from many processes at once. */
export async function createBarrierTable(source: Pool | ClientBase, options: PgBarrierOptions = {}): Promise<void> {
  await inOwnTransaction(source, ['begin'], async (client) => {
    for (const sql of postgresTable(options)) await client.query(sql);
  });
}

function adapterOf(source: Pool | ClientBase): SqlAdapter<ClientBase> {
  return {
    opened: () =>
      isPool(source) ? undefined : chain(isInTransaction(source), (isOpen) => (isOpen ? source : undefined)),
    on: adapterOf,
    begin: (work) => inOwnTransaction(source, ['begin'], work),
    query: pgQuery,
  };
}

/** Takes a client of the pool, or the one client there is, which must have no transaction open: it would be committed. */
async function inOwnTransaction<T>(
  source: Pool | ClientBase,
  begin: readonly string[],
  work: (client: ClientBase) => MaybePromise<T>,
): Promise<T> {
  if (!isPool(source)) {
    if (await isInTransaction(source)) throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', isAlreadyOpen);
    return committed(source, begin, work, () => undefined);
  }
  const { client, markUnusable, giveBack } = await lendClient(source);
  try {
    return await committed(client, begin, work, markUnusable);
  } finally {
    giveBack();
  }
}

const isAlreadyOpen = 'this client has a transaction open: use barrier.run inside it, or give a pool';

async function committed<T>(
  client: ClientBase,
  begin: readonly string[],
  work: (client: ClientBase) => MaybePromise<T>,
  onRollbackFailed: () => void,
): Promise<T> {
  try {
    for (const sql of begin) await client.query(sql);
    const value = await work(client);
    const { command } = await client.query('commit');
    // What PostgreSQL does with the commit of a transaction in which a statement failed, whoever caught that error.
    if (command !== 'COMMIT')
      throw new Error('a statement failed inside the transaction, so PostgreSQL rolled it back');
    return value;
  } catch (error) {
    await client.query('rollback').catch(onRollbackFailed);
    throw error;
  }
}

/** Asks the driver; an older one is asked by what works only inside a transaction. */
function isInTransaction(client: ClientBase): MaybePromise<boolean> {
  const status = (client as Partial<Pick<ClientBase, 'getTransactionStatus'>>).getTransactionStatus?.();
  return typeof status === 'string' ? status !== 'I' : canSave(client);
}

async function canSave(client: ClientBase): Promise<boolean> {
  try {
    await client.query('savepoint tandem_barrier');
  } catch (error) {
    return sqlStateOf(error) !== sqlState.noActiveTransaction;
  }
  await client.query('release savepoint tandem_barrier');
  return true;
}

function isPool(source: Pool | ClientBase): source is Pool {
  return 'totalCount' in source;
}
