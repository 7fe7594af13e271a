/** XA branches on MariaDB and MySQL by MariaDB's connector. */
import type { Pool, PoolConnection } from 'mariadb';
import type { XaDatabase } from '../xa/xa-database.js';
import { mariadbQuery } from './mariadb-session.js';
import type { MysqlBarrierOptions } from './mysql-session.js';
import { mysqlXaOn } from './mysql-xa.js';

/** Uses a pool, of which every branch takes a connection and closes it. */
export function mariadbXa(pool: Pool, options: MysqlBarrierOptions = {}): XaDatabase<PoolConnection> {
  return mysqlXaOn(async () => {
    const connection = await pool.getConnection();
    return {
      tx: connection,
      query: mariadbQuery(connection),
      release: () => connection.release(),
      close: () => connection.destroy(),
    };
  }, options);
}
