/**
 * Barriers by Drizzle on PostgreSQL, MySQL and MariaDB, whatever its driver, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import { is, sql, type SQL } from 'drizzle-orm';
import { MySqlDatabase, MySqlTransaction } from 'drizzle-orm/mysql-core';
import { PgDatabase, PgTransaction } from 'drizzle-orm/pg-core';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import type { SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/** A database of Drizzle, or a transaction of it; `Tx` is what it gives to the work of a transaction. */
export interface DrizzleSource<Tx> {
  /** Begins, works, commits. */
  transaction(work: (tx: Tx) => Promise<unknown>): Promise<unknown>;
  /** Runs a statement. */
  execute(query: SQL): PromiseLike<unknown>;
}

/** Uses a database, or a transaction of it for `barrier.run`. */
export function drizzleBarriers<Tx>(db: DrizzleSource<Tx>, options?: SqlBarrierOptions): AsyncSqlDatabase<Tx> {
  return barriersOn(engineOf(db), adapterOf(db), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable<Tx>(db: DrizzleSource<Tx>, options?: SqlBarrierOptions): Promise<void> {
  return createTableOn(engineOf(db), adapterOf(db), options);
}

function engineOf(db: unknown): SqlEngine {
  if (is(db, PgDatabase)) return 'postgres';
  return is(db, MySqlDatabase) ? 'mysql' : engineNamed((db as object).constructor.name);
}

function adapterOf<Tx>(db: DrizzleSource<Tx>): SqlAdapter<Tx> {
  return {
    opened: () => (is(db, PgTransaction) || is(db, MySqlTransaction) ? (db as unknown as Tx) : undefined),
    on: (tx) => adapterOf(tx as DrizzleSource<Tx>),
    begin: <T>(work: (tx: Tx) => Promise<T>) => db.transaction(work) as Promise<T>,
    query: (tx) => async (text, values) => {
      const parts = text.split('?').flatMap((part, place) => {
        const value = values[place];
        return value === undefined ? [sql.raw(part)] : [sql.raw(part), sql`${value}`];
      });
      return rowsOf(await (tx as DrizzleSource<Tx>).execute(sql.join(parts)));
    },
  };
}

/** node-postgres answers an object, postgres.js the rows, mysql2 the rows and their fields. */
function rowsOf(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) return (answer as { readonly rows?: unknown[] }).rows ?? [];
  const [first] = answer as unknown[];
  return Array.isArray(first) ? (first as unknown[]) : (answer as unknown[]);
}
