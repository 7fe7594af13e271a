/**
 * Barriers by TypeORM on PostgreSQL, MySQL and MariaDB, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import type { DataSource, EntityManager } from 'typeorm';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import { numbered, type SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/** Uses a data source, or the entity manager of a transaction for `barrier.run`. */
export function typeormBarriers(
  source: DataSource | EntityManager,
  options?: SqlBarrierOptions,
): AsyncSqlDatabase<EntityManager> {
  const manager = managerOf(source);
  return barriersOn(engineOf(manager), adapterOf(manager), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable(source: DataSource, options?: SqlBarrierOptions): Promise<void> {
  return createTableOn(engineOf(source.manager), adapterOf(source.manager), options);
}

function managerOf(source: DataSource | EntityManager): EntityManager {
  return 'manager' in source ? source.manager : source;
}

function engineOf(manager: EntityManager): SqlEngine {
  return engineNamed(manager.dataSource.options.type);
}

function adapterOf(manager: EntityManager): SqlAdapter<EntityManager> {
  const engine = engineOf(manager);
  return {
    opened: () => (manager.queryRunner?.isTransactionActive === true ? manager : undefined),
    on: adapterOf,
    begin: (work) => manager.transaction(work),
    query: (tx) => async (sql, values) => {
      const text = engine === 'postgres' ? numbered(sql) : sql;
      const rows = await tx.query<unknown>(text, [...values]);
      return Array.isArray(rows) ? (rows as unknown[]) : [];
    },
  };
}
