import { StoreError, type BatchLimits } from '@tandem/store';
import { keyValueInsert } from '../key-value-statements.js';
import type { SqlEngine } from '../server-sql/server-sql-store.js';
import { SqlKeyValues } from '../server-sql/sql-key-values.js';
import type { TableNames } from '../server-sql/sql-session.js';
import { migratePostgres, quoted } from './migrate-postgres.js';
import { PostgresClaims } from './postgres-claims.js';
import { postgresFaults } from './postgres-fault.js';
import type { PostgresPool } from './postgres-pool.js';
import { PostgresPurge } from './postgres-purge.js';
import { PostgresReads } from './postgres-reads.js';
import { PostgresWrites } from './postgres-writes.js';

export interface PostgresEngineOptions {
  readonly schema: string;
  readonly batchLimits: BatchLimits;
  /** Larger ones are refused for good. */
  readonly itemBytesMax: number;
  /** Whether the engine has SKIP LOCKED; one that says it has not is believed. */
  readonly skipsLocked: boolean;
}

/** The verbs on PostgreSQL, and on what speaks its protocol. */
export class PostgresEngine implements SqlEngine {
  readonly faults = postgresFaults;
  readonly batchLimits: BatchLimits;
  readonly keyValues: SqlKeyValues;
  readonly purge: PostgresPurge;
  readonly writes: PostgresWrites;
  readonly reads: PostgresReads;
  readonly claims: PostgresClaims;
  readonly #pool: PostgresPool;
  readonly #schema: string;
  readonly #tables: TableNames;

  constructor(pool: PostgresPool, options: PostgresEngineOptions) {
    const tables = tablesIn(options.schema);
    const keyValueTable = { table: tables.keyValue, key: 'item_key' };
    this.batchLimits = options.batchLimits;
    this.#pool = pool;
    this.#schema = options.schema;
    this.#tables = tables;
    this.keyValues = new SqlKeyValues(pool, keyValueTable, keyValueInsert(keyValueTable));
    this.purge = new PostgresPurge(pool, tables);
    this.writes = new PostgresWrites(pool, tables, options.itemBytesMax);
    this.reads = new PostgresReads(pool, tables);
    this.claims = new PostgresClaims(pool, this.reads, tables, options.skipsLocked);
  }

  migrate(): Promise<void> {
    return migratePostgres(this.#pool, { name: this.#schema, tables: this.#tables });
  }

  async ping(): Promise<number> {
    const { rows } = await this.#pool.query(
      `UPDATE ${this.#tables.heartbeat} SET beats = beats + 1 WHERE id = 1
      RETURNING floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`,
    );
    const [row] = rows;
    if (row === undefined) throw new StoreError('corrupt', 'PostgreSQL: the row that a ping writes is not there');
    return Number(row[0]);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** Named with their schema: no search_path is relied on. */
function tablesIn(schema: string): TableNames {
  const table = (name: string): string => `${quoted(schema)}.${name}`;
  return {
    tx: table('tx'),
    txRow: table('tx_row'),
    keyValue: table('key_value'),
    heartbeat: table('heartbeat'),
    migration: table('migration'),
  };
}
