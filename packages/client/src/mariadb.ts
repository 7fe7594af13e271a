/**
 * Barriers and XA on MariaDB and MySQL by MariaDB's connector (`mariadb`, its promises), in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import type { Connection, Pool } from 'mariadb';
import { mariadbQuery } from './mysql/mariadb-session.js';
import { createMysqlTable, mysqlBarriers } from './mysql/mysql-barriers.js';
import type { MysqlBarrierOptions } from './mysql/mysql-session.js';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import type { SqlAdapter } from './sql/sql-adapter.js';

export { mariadbXa, type MariadbXaOptions } from './mysql/mariadb-xa.js';
export type { MysqlBarrierOptions } from './mysql/mysql-session.js';

/** Uses a pool, of which every transaction takes a connection; or one connection, for `barrier.run` in a transaction on it. */
export function mariadbBarriers(
  source: Pool | Connection,
  options?: MysqlBarrierOptions,
): AsyncSqlDatabase<Connection> {
  return mysqlBarriers(adapterOf(source), options);
}

/** Creates the barrier table, and its database, where they are missing. Safe from many processes at once. */
export function createBarrierTable(source: Pool | Connection, options: MysqlBarrierOptions = {}): Promise<void> {
  return createMysqlTable(adapterOf(source), options);
}

function adapterOf(source: Pool | Connection): SqlAdapter<Connection> {
  return {
    opened: () => (!isPool(source) && isInTransaction(source) ? source : undefined),
    on: adapterOf,
    begin: async (work) => {
      if (!isPool(source)) return committed(source, work);
      const connection = await source.getConnection();
      try {
        return await committed(connection, work);
      } finally {
        await connection.release();
      }
    },
    query: mariadbQuery,
  };
}

async function committed<T>(connection: Connection, work: (connection: Connection) => Promise<T>): Promise<T> {
  await connection.beginTransaction();
  try {
    const value = await work(connection);
    await connection.commit();
    return value;
  } catch (error) {
    // A connection that cannot roll back is broken, and the engine does it.
    await connection.rollback().catch(() => {
      connection.destroy();
    });
    throw error;
  }
}

const statusInTransaction = 1;

/** The engine tells with every answer. */
function isInTransaction(connection: Connection): boolean {
  return ((connection.info?.status ?? 0) & statusInTransaction) !== 0;
}

function isPool(source: Pool | Connection): source is Pool {
  return 'getConnection' in source;
}
