/** XA branches on MariaDB and MySQL by MariaDB's connector. */
import type { Pool, PoolConnection } from 'mariadb';
import type { XaConnection } from '../xa/xa-connection.js';
import type { XaDatabase } from '../xa/xa-database.js';
import { mariadbQuery } from './mariadb-session.js';
import type { MysqlBarrierOptions } from './mysql-session.js';
import { mysqlXaOn } from './mysql-xa.js';

/** How XA branches use a pool of the connector. */
export interface MariadbXaOptions extends MysqlBarrierOptions {
  /** The pool's, which the connector does not tell: so many connections there are at the most. Default 10, as the connector's. */
  readonly connectionLimit?: number;
}

/** Uses a pool, of which every branch takes a connection and closes it. */
export function mariadbXa(pool: Pool, options: MariadbXaOptions = {}): XaDatabase<PoolConnection> {
  const open = async (): Promise<XaConnection<PoolConnection>> => {
    const connection = await pool.getConnection();
    return {
      tx: connection,
      query: mariadbQuery(connection),
      release: () => connection.release(),
      close: () => connection.destroy(),
    };
  };
  return mysqlXaOn({ pool, max: options.connectionLimit ?? 10, open }, options);
}
