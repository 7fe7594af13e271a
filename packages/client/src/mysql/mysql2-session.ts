/** The barrier's statements by mysql2. */
import type { Connection } from 'mysql2/promise';
import type { SqlQuery } from '../sql/sql-adapter.js';
import { mysqlStatements, type MysqlBarrierOptions, type MysqlBarrierSession } from './mysql-session.js';

/** Works in the transaction that is open on the connection. */
export function mysqlSession<C extends Connection>(
  connection: C,
  options: MysqlBarrierOptions,
): MysqlBarrierSession<C> {
  return mysqlStatements(connection, mysql2Query(connection), options);
}

export function mysql2Query(connection: Connection): SqlQuery {
  return async (sql, values) => {
    const [rows] = await connection.query(sql, [...values]);
    return Array.isArray(rows) ? rows : [];
  };
}
