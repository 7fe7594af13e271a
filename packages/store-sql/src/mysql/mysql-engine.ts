import { missingMigrations } from '../server-sql/apply-migrations.js';
import type { BatchLimits } from '@tandem/store';
import type { SqlEngine } from '../server-sql/server-sql-store.js';
import { SqlKeyValues } from '../server-sql/sql-key-values.js';
import { MysqlClaims } from './mysql-claims.js';
import { mysqlFaults } from './mysql-fault.js';
import { literal } from './mysql-literal.js';
import { migrationTable, mysqlMigrations } from './mysql-migrations.js';
import type { MysqlPool } from './mysql-pool.js';
import { MysqlPurge } from './mysql-purge.js';
import { MysqlReads } from './mysql-reads.js';
import { heartbeatSlots, tables } from './mysql-tables.js';
import { MysqlWrites, type WriteLimits } from './mysql-writes.js';

/** Revives a key that was deleted; of one that is there, it changes nothing. Assignments are made from left to right. */
const insertKeyValue = `
  INSERT INTO ${tables.keyValue} (category, item_key, value, version, is_deleted, created_at, updated_at)
  VALUES (?, ?, ?, 1, 0, ?, ?)
  ON DUPLICATE KEY UPDATE value = IF(is_deleted = 1, VALUES(value), value), version = version + is_deleted,
    created_at = IF(is_deleted = 1, VALUES(created_at), created_at),
    updated_at = IF(is_deleted = 1, VALUES(updated_at), updated_at), is_deleted = 0`;

const clock = `SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000`;

/** The verbs on MySQL, MariaDB and what speaks as they do. */
export class MysqlEngine implements SqlEngine {
  readonly batchLimits: BatchLimits;
  readonly faults = mysqlFaults;
  readonly keyValues: SqlKeyValues;
  readonly purge: MysqlPurge;
  readonly writes: MysqlWrites;
  readonly reads: MysqlReads;
  readonly claims: MysqlClaims;
  readonly #pool: MysqlPool;
  readonly #slot = Math.floor(Math.random() * heartbeatSlots);

  constructor(pool: MysqlPool, batchLimits: BatchLimits, limits: WriteLimits) {
    this.batchLimits = batchLimits;
    this.#pool = pool;
    this.keyValues = new SqlKeyValues(pool, { table: tables.keyValue, key: 'item_key' }, insertKeyValue);
    this.purge = new MysqlPurge(pool);
    this.writes = new MysqlWrites(pool, limits);
    this.reads = new MysqlReads(pool);
    this.claims = new MysqlClaims(pool);
  }

  /** Every step may run again, also by several processes at once: nobody has to wait for who began it. */
  async migrate(): Promise<void> {
    await this.#pool.run([migrationTable]);
    for (const step of await missingMigrations(this.#pool, tables.migration, mysqlMigrations)) {
      for (const statement of step.statements) await this.#pool.run([statement]);
      const values = [step.number, step.name, step.worksFrom, Date.now()].map(literal).join(',');
      await this.#pool.run([
        `INSERT INTO ${tables.migration} (number,name,works_from,applied_at) VALUES (${values})
         ON DUPLICATE KEY UPDATE number=${tables.migration}.number`,
      ]);
    }
  }

  async ping(): Promise<number> {
    const [, time] = await this.#pool.run([
      `INSERT INTO ${tables.heartbeat} (slot,beats) VALUES (${String(this.#slot)},1) ON DUPLICATE KEY UPDATE beats=beats+1`,
      clock,
    ]);
    return Number(time?.rows[0]?.[0]);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
