/** For libraries that speak to several engines: which it is, and what it is then. */
import type { Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { createMysqlTable, mysqlBarriers } from '../mysql/mysql-barriers.js';
import { createPostgresTable, postgresBarriers } from '../postgres/postgres-barriers.js';
import type { AsyncSqlDatabase } from './sql-access.js';
import type { SqlAdapter } from './sql-adapter.js';

/** Which table barriers use, and how long a back-check waits. */
export interface SqlBarrierOptions {
  /** Default `dtm_barrier.barrier`. */
  readonly table?: string;
  /** How long a back-check waits for the local transaction before it answers that it is open. Default 2 s; on MySQL in whole seconds. */
  readonly checkLockTimeout?: Duration;
}

export type SqlEngine = 'postgres' | 'mysql';

/** The engine by the name that a library has for it. Throws `INVALID_OPTION` for one that barriers do not work on. */
export function engineNamed(name: string): SqlEngine {
  if (/^(postgres|pg)/i.test(name)) return 'postgres';
  if (/^(mysql|mariadb)/i.test(name)) return 'mysql';
  throw new InvalidUse('INVALID_OPTION', `barriers here work on PostgreSQL, MySQL and MariaDB, not on "${name}"`);
}

export function barriersOn<Tx>(
  engine: SqlEngine,
  adapter: SqlAdapter<Tx>,
  options?: SqlBarrierOptions,
): AsyncSqlDatabase<Tx> {
  return engine === 'postgres' ? postgresBarriers(adapter, options) : mysqlBarriers(adapter, options);
}

export function createTableOn<Tx>(
  engine: SqlEngine,
  adapter: SqlAdapter<Tx>,
  options: SqlBarrierOptions = {},
): Promise<void> {
  return engine === 'postgres' ? createPostgresTable(adapter, options) : createMysqlTable(adapter, options);
}
