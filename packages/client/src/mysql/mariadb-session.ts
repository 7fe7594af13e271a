/** Statements by MariaDB's connector. */
import type { Connection } from 'mariadb';
import type { SqlQuery } from '../sql/sql-adapter.js';

export function mariadbQuery(connection: Connection): SqlQuery {
  return async (sql, values) => {
    const rows = await connection.query<unknown>(sql, [...values]);
    return Array.isArray(rows) ? (rows as unknown[]) : [];
  };
}
