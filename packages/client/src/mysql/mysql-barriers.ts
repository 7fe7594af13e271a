/** Barriers on MySQL and MariaDB by any library: see `SqlAdapter`. */
import { sqlAccess, type AsyncSqlDatabase } from '../sql/sql-access.js';
import { begun, openedOf, type SqlAdapter } from '../sql/sql-adapter.js';
import { isLocked } from './mysql-errors.js';
import { literally } from './mysql-literals.js';
import { mysqlStatements, mysqlTable, waitAsUsual, waitBriefly, type MysqlBarrierOptions } from './mysql-session.js';

export function mysqlBarriers<Tx>(adapter: SqlAdapter<Tx>, options: MysqlBarrierOptions = {}): AsyncSqlDatabase<Tx> {
  const session = (tx: Tx) => mysqlStatements(tx, adapter.query(tx), options);
  return {
    mode: 'async',
    sql: sqlAccess('mysql', { ...adapter, query: (tx) => literally(adapter.query(tx)) }),
    joined: async (work) => work(session(await openedOf(adapter))),
    transaction: (work) => begun(adapter, async (tx) => work(session(tx))),
    check: async (work) => {
      try {
        return await begun(adapter, async (tx) => {
          const query = adapter.query(tx);
          await waitBriefly(query, options);
          try {
            return await work(session(tx));
          } finally {
            // The connection goes back to its pool.
            await waitAsUsual(query);
          }
        });
      } catch (error) {
        if (isLocked(error)) return 'open';
        throw error;
      }
    },
  };
}

export async function createMysqlTable<Tx>(adapter: SqlAdapter<Tx>, options: MysqlBarrierOptions): Promise<void> {
  await begun(adapter, async (tx) => {
    for (const sql of mysqlTable(options)) await adapter.query(tx)(sql, []);
  });
}
