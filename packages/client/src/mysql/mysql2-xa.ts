/** XA branches on MySQL and MariaDB by mysql2. */
import type { Pool, PoolConnection } from 'mysql2/promise';
import type { XaConnection } from '../xa/xa-connection.js';
import type { XaDatabase } from '../xa/xa-database.js';
import type { MysqlBarrierOptions } from './mysql-session.js';
import { mysqlXaOn } from './mysql-xa.js';
import { mysql2Query } from './mysql2-session.js';

/** Uses a pool, of which every branch takes a connection and closes it. */
export function mysqlXa(pool: Pool, options: MysqlBarrierOptions = {}): XaDatabase<PoolConnection> {
  const open = async (): Promise<XaConnection<PoolConnection>> => {
    const connection = await pool.getConnection();
    return {
      tx: connection,
      query: mysql2Query(connection),
      release: () => connection.release(),
      close: () => connection.destroy(),
    };
  };
  return mysqlXaOn({ pool, max: limitOf(pool), open }, options);
}

/** Its types do not tell of the configuration. */
function limitOf({ pool }: Pool): number {
  return (pool as unknown as { readonly config: { readonly connectionLimit: number } }).config.connectionLimit;
}
