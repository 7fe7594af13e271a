/**
 * Barriers by MikroORM (versions 6 and 7) on PostgreSQL, MySQL and MariaDB, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import type { EntityManager } from '@mikro-orm/core';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import type { SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/**
 * Uses an entity manager, of which every transaction takes a fork; or the one inside `em.transactional`, for `barrier.run`. What the
 * work changed in entities is written by the flush before the commit: in the same transaction as the barrier's row.
 */
export function mikroOrmBarriers<Em extends EntityManager>(em: Em, options?: SqlBarrierOptions): AsyncSqlDatabase<Em> {
  return barriersOn(engineOf(em), adapterOf(em), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable(em: EntityManager, options?: SqlBarrierOptions): Promise<void> {
  return createTableOn(engineOf(em), adapterOf(em), options);
}

/** By the address that its driver connects to when none is given: what the engine is called there. */
function engineOf(em: EntityManager): SqlEngine {
  // Version 7 has it elsewhere.
  const platform = em.getPlatform() as object as { getDefaultClientUrl?(): string };
  return engineNamed(platform.getDefaultClientUrl?.() ?? em.getConnection().getDefaultClientUrl());
}

function adapterOf<Em extends EntityManager>(em: Em): SqlAdapter<Em> {
  return {
    opened: () => (em.isInTransaction() ? em : undefined),
    on: adapterOf,
    begin: (work) => em.fork().transactional(work),
    query: (tx) => async (sql, values) => {
      const rows: unknown = await tx.getConnection().execute(sql, [...values], 'all', tx.getTransactionContext());
      return Array.isArray(rows) ? (rows as unknown[]) : [];
    },
  };
}
