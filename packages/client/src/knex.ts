/**
 * Barriers by Knex on PostgreSQL, MySQL and MariaDB, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import type { Knex } from 'knex';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import type { SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/** Uses a Knex, or a transaction of it for `barrier.run`. */
export function knexBarriers(
  knex: Knex | Knex.Transaction,
  options?: SqlBarrierOptions,
): AsyncSqlDatabase<Knex.Transaction> {
  return barriersOn(engineOf(knex), adapterOf(knex), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable(knex: Knex, options?: SqlBarrierOptions): Promise<void> {
  return createTableOn(engineOf(knex), adapterOf(knex), options);
}

function engineOf(knex: Knex): SqlEngine {
  return engineNamed(String((knex.client as { readonly dialect?: unknown }).dialect));
}

function adapterOf(knex: Knex | Knex.Transaction): SqlAdapter<Knex.Transaction> {
  return {
    opened: () => (isTransaction(knex) && !knex.isCompleted() ? knex : undefined),
    on: adapterOf,
    begin: (work) => knex.transaction(work),
    query: (tx) => async (sql, values) => {
      const answer: unknown = await tx.raw(sql, [...values]);
      const rows: unknown = Array.isArray(answer) ? answer[0] : (answer as { readonly rows?: unknown }).rows;
      return Array.isArray(rows) ? (rows as unknown[]) : [];
    },
  };
}

function isTransaction(knex: Knex): knex is Knex.Transaction {
  return knex.isTransaction === true;
}
