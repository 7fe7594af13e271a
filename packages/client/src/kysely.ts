/**
 * Barriers by Kysely on PostgreSQL, MySQL and MariaDB, whatever its driver, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import { CompiledQuery, MysqlAdapter, PostgresAdapter, type Kysely, type Transaction } from 'kysely';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import { numbered, type SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/** Uses a database, or a transaction of it for `barrier.run`. */
export function kyselyBarriers<Tables>(
  // Without the first, the tables of a transaction are not inferred.
  db: Transaction<Tables> | Kysely<Tables>,
  options?: SqlBarrierOptions,
): AsyncSqlDatabase<Transaction<Tables>> {
  const engine = engineOf(db);
  return barriersOn(engine, adapterOf(engine, db), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable<Tables>(db: Kysely<Tables>, options?: SqlBarrierOptions): Promise<void> {
  const engine = engineOf(db);
  return createTableOn(engine, adapterOf(engine, db), options);
}

function engineOf<Tables>(db: Kysely<Tables>): SqlEngine {
  const { adapter } = db.getExecutor();
  if (adapter instanceof PostgresAdapter) return 'postgres';
  return adapter instanceof MysqlAdapter ? 'mysql' : engineNamed(adapter.constructor.name);
}

function adapterOf<Tables>(engine: SqlEngine, db: Kysely<Tables>): SqlAdapter<Transaction<Tables>> {
  return {
    opened: () => (isTransaction(db) ? db : undefined),
    on: (tx) => adapterOf(engine, tx),
    begin: (work) => db.transaction().execute(work),
    query: (tx) => async (sql, values) => {
      const text = engine === 'postgres' ? numbered(sql) : sql;
      return (await tx.executeQuery(CompiledQuery.raw(text, [...values]))).rows;
    },
  };
}

function isTransaction<Tables>(db: Kysely<Tables>): db is Transaction<Tables> {
  return db.isTransaction;
}
