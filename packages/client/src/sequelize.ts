/**
 * Barriers by Sequelize (version 6) on PostgreSQL, MySQL and MariaDB, in DTM's table `dtm_barrier.barrier`.
 *
 * @module
 */
import type { Sequelize, Transaction } from 'sequelize';
import type { AsyncSqlDatabase } from './sql/sql-access.js';
import { numbered, type SqlAdapter } from './sql/sql-adapter.js';
import { barriersOn, createTableOn, engineNamed, type SqlBarrierOptions, type SqlEngine } from './sql/sql-engine.js';

export type { SqlBarrierOptions } from './sql/sql-engine.js';

/** Uses a Sequelize, or a transaction of it for `barrier.run`. The work gives its transaction to each of its statements. */
export function sequelizeBarriers(
  source: Sequelize | Transaction,
  options?: SqlBarrierOptions,
): AsyncSqlDatabase<Transaction> {
  const known = source as Sequelize | OpenTransaction;
  return barriersOn(engineOf(sequelizeOf(known)), adapterOf(known), options);
}

/** Creates the barrier table, and its schema or database, where they are missing. Safe from many processes at once. */
export function createBarrierTable(sequelize: Sequelize, options?: SqlBarrierOptions): Promise<void> {
  return createTableOn(engineOf(sequelize), adapterOf(sequelize), options);
}

/** What a transaction has and its types leave out. */
type OpenTransaction = Transaction & {
  readonly sequelize: Sequelize;
  readonly finished?: string;
};

function sequelizeOf(source: Sequelize | OpenTransaction): Sequelize {
  return isTransaction(source) ? source.sequelize : source;
}

function isTransaction(source: Sequelize | OpenTransaction): source is OpenTransaction {
  return 'commit' in source;
}

function engineOf(sequelize: Sequelize): SqlEngine {
  return engineNamed(sequelize.getDialect());
}

function adapterOf(source: Sequelize | OpenTransaction): SqlAdapter<Transaction> {
  const sequelize = sequelizeOf(source);
  return {
    opened: () => (isTransaction(source) && source.finished === undefined ? source : undefined),
    on: (transaction) => adapterOf(transaction as OpenTransaction),
    begin: (work) => sequelize.transaction(work),
    query: (transaction) => async (sql, values) => {
      const [rows] = await sequelize.query(numbered(sql), { bind: [...values], transaction });
      return Array.isArray(rows) ? rows : [];
    },
  };
}
