/**
 * Barriers on MySQL and MariaDB by mysql2 (its promises: `mysql2/promise`), in DTM's table `dtm_barrier.barrier`.
 *
 * An insert waits while another open transaction holds the same key, and that is right: the answer depends on how the
 * other ends. Only a back-check does not wait for long; it answers that the transaction is open.
 *
 * @module
 */
import type { Connection, Pool, PoolConnection, ResultSetHeader } from 'mysql2/promise';
import type { MaybePromise } from './barrier/maybe-promise.js';
import { InvalidUse } from './errors.js';
import { isLocked } from './mysql/mysql-errors.js';
import { literally } from './mysql/mysql-literals.js';
import { mysqlTable, waitAsUsual, waitBriefly, type MysqlBarrierOptions } from './mysql/mysql-session.js';
import { mysql2Query, mysqlSession } from './mysql/mysql2-session.js';
import { sqlAccess, type AsyncSqlDatabase } from './sql/sql-access.js';
import type { SqlAdapter } from './sql/sql-adapter.js';

export { mysqlXa } from './mysql/mysql2-xa.js';
export type { MysqlBarrierOptions } from './mysql/mysql-session.js';

/** Uses a pool, of which every transaction takes a connection; or one connection, for `barrier.run` in a transaction on it. */
export function mysql(pool: Pool, options?: MysqlBarrierOptions): AsyncSqlDatabase<PoolConnection>;
export function mysql(connection: Connection, options?: MysqlBarrierOptions): AsyncSqlDatabase<Connection>;
export function mysql(source: Pool | Connection, options: MysqlBarrierOptions = {}): AsyncSqlDatabase<Connection> {
  return {
    mode: 'async',
    sql: sqlAccess('mysql', adapterOf(source)),
    joined: async (work) => {
      if (isPool(source) || !(await isInTransaction(source))) {
        const hint = 'begin one first, or use barrier.transaction';
        const told = `barrier.run needs the connection on which a transaction is open: ${hint}`;
        throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', told);
      }
      return work(mysqlSession(source, options));
    },
    transaction: (work) =>
      onConnection(source, (connection) => committed(connection, () => work(mysqlSession(connection, options)))),
    check: (work) =>
      onConnection(source, async (connection) => {
        await waitBriefly(mysql2Query(connection), options);
        try {
          return await committed(connection, () => work(mysqlSession(connection, options)));
        } catch (error) {
          if (isLocked(error)) return 'open';
          throw error;
        } finally {
          await waitAsUsual(mysql2Query(connection));
        }
      }),
  };
}

/** Creates the barrier table, and its database, where they are missing. Safe from many processes at once. */
export async function createBarrierTable(source: Pool | Connection, options: MysqlBarrierOptions = {}): Promise<void> {
  for (const sql of mysqlTable(options)) await source.query(sql);
}

function adapterOf(source: Pool | Connection): SqlAdapter<Connection> {
  return {
    opened: async () => (!isPool(source) && (await isInTransaction(source)) ? source : undefined),
    on: adapterOf,
    begin: (work) => onConnection(source, (connection) => committed(connection, () => work(connection))),
    query: (connection) => literally(mysql2Query(connection)),
  };
}

/** Takes a connection of the pool, or the one that there is, which must have no transaction open: it would be committed. */
async function onConnection<T>(source: Pool | Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
  if (!isPool(source)) {
    if (await isInTransaction(source)) {
      const told = 'this connection has a transaction open: use barrier.run inside it, or give a pool';
      throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', told);
    }
    return work(source);
  }
  const connection = await source.getConnection();
  try {
    return await work(connection);
  } finally {
    connection.release();
  }
}

async function committed<T>(connection: Connection, work: () => MaybePromise<T>): Promise<T> {
  await connection.beginTransaction();
  try {
    const value = await work();
    await connection.commit();
    return value;
  } catch (error) {
    // A connection that cannot roll back is broken, and the engine does it.
    await connection.rollback().catch(() => connection.destroy());
    throw error;
  }
}

const statusInTransaction = 1;

/** The engine tells with every answer. */
async function isInTransaction(connection: Connection): Promise<boolean> {
  const [{ serverStatus }] = await connection.query<ResultSetHeader>('do 0');
  return (serverStatus & statusInTransaction) !== 0;
}

function isPool(source: Pool | Connection): source is Pool {
  return 'getConnection' in source;
}
