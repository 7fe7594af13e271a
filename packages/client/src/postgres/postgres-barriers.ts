/** Barriers on PostgreSQL by any library: see `SqlAdapter`. */
import { sqlAccess, type AsyncSqlDatabase } from '../sql/sql-access.js';
import { begun, openedOf, type SqlAdapter } from '../sql/sql-adapter.js';
import { lockTimeoutMsOf, postgresSession, postgresTable, type PostgresBarrierOptions } from './postgres-session.js';
import { sqlState, sqlStateOf } from './sql-state.js';

export function postgresBarriers<Tx>(
  adapter: SqlAdapter<Tx>,
  options: PostgresBarrierOptions = {},
): AsyncSqlDatabase<Tx> {
  const session = (tx: Tx) => postgresSession(tx, adapter.query(tx), options);
  return {
    mode: 'async',
    sql: sqlAccess('postgres', adapter),
    joined: async (work) => work(session(await openedOf(adapter))),
    transaction: (work) =>
      begun(adapter, async (tx) => {
        const value = await work(session(tx));
        // Of a transaction in which a statement failed and the error was caught, PostgreSQL makes the commit a rollback, and not
        // every library tells. Asked before, it refuses.
        await adapter.query(tx)('select 1', []);
        return value;
      }),
    check: async (work) => {
      try {
        return await begun(adapter, async (tx) => {
          const query = adapter.query(tx);
          // Read committed: after the wait, the row that the other transaction committed is seen and not a conflict.
          await query('set transaction isolation level read committed', []);
          await query(`set local lock_timeout = ${lockTimeoutMsOf(options)}`, []);
          return work(session(tx));
        });
      } catch (error) {
        if (sqlStateOf(error) === sqlState.lockNotAvailable) return 'open';
        throw error;
      }
    },
  };
}

export async function createPostgresTable<Tx>(adapter: SqlAdapter<Tx>, options: PostgresBarrierOptions): Promise<void> {
  await begun(adapter, async (tx) => {
    for (const sql of postgresTable(options)) await adapter.query(tx)(sql, []);
  });
}
