/**
 * Barriers and XA on PostgreSQL by postgres.js (`postgres`), in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import type { Sql, TransactionSql } from 'postgres';
import { WatchedLink } from './postgres/postgres-js-link.js';
import { createPostgresTable, postgresBarriers } from './postgres/postgres-barriers.js';
import type { PostgresBarrierOptions } from './postgres/postgres-session.js';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import { numbered, type SqlAdapter } from './sql/sql-adapter.js';

export { postgresJsXa } from './postgres/postgres-js-xa.js';
export type { PostgresBarrierOptions } from './postgres/postgres-session.js';

/** Uses `sql`, of which every transaction is a `begin`; or the `sql` inside a `begin`, for `barrier.run`. */
export function postgresJsBarriers(
  sql: Sql | TransactionSql,
  options?: PostgresBarrierOptions,
): AsyncSqlDatabase<TransactionSql> {
  return postgresBarriers(adapterOf(sql), options);
}

/** Creates the barrier table, and its schema, where they are missing. Safe from many processes at once. */
export function createBarrierTable(sql: Sql, options: PostgresBarrierOptions = {}): Promise<void> {
  return createPostgresTable(adapterOf(sql), options);
}

function adapterOf(sql: Sql | TransactionSql): SqlAdapter<TransactionSql> {
  return {
    opened: () => ('savepoint' in sql ? sql : undefined),
    on: adapterOf,
    begin: <T>(work: (tx: TransactionSql) => Promise<T>) =>
      (sql as Sql).begin((tx) => new WatchedLink(tx).within(work)) as Promise<T>,
    query: (tx) => (text, values) => tx.unsafe(numbered(text), [...values]),
  };
}
