import { StoreError, type BatchLimits } from '@tandem/store';
import { itemBytesMaxDefault } from '../item-bytes.js';
import { ServerSqlStore } from '../server-sql/server-sql-store.js';
import { PostgresEngine } from './postgres-engine.js';
import { postgresFaults } from './postgres-fault.js';
import { PostgresPool } from './postgres-pool.js';
import { readPostgresUrl } from './postgres-url.js';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database?sslmode=...&schema=...`; see docs/stores/postgres.md. */
  readonly url: string;
  /** Most connections, at least 2; default 8, or what the URL says. Far below the server's own limit (100 by default). */
  readonly connectionsMax?: number;
  /** Where the tables are; default `tandem`, or what the URL says. Created where it is missing. */
  readonly schema?: string;
  readonly batchLimits?: Partial<BatchLimits>;
  /** How long to wait for a connection, in ms; default 10 s. */
  readonly connectWaitMs?: number;
  /** How long to wait for the answer to a batch, in ms, before its connection is given up; default 20 s. */
  readonly answerWaitMs?: number;
  /** Larger items are refused for good; default 64 MiB. */
  readonly itemBytesMax?: number;
  /** False for an engine without FOR UPDATE SKIP LOCKED; one that says so itself is believed. */
  readonly skipsLocked?: boolean;
}

const defaultConnections = 8;
/** docs/decisions/0012: a third batch under way gave nothing, and larger batches cost as much for each item. */
const defaultBatchLimits: BatchLimits = { itemsMax: 128, bytesMax: 4 << 20, batchesMax: 2 };

/**
 * Opens the store on a PostgreSQL server. `migrate` makes its tables. Rejects with `StoreError` `unavailable` where no
 * connection can be had, or where the URL is wrong, and with `incompatible` where the database cannot hold all text.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<ServerSqlStore> {
  const place = readPostgresUrl(options.url);
  const batchLimits = { ...defaultBatchLimits, ...options.batchLimits };
  const connectionsMax = Math.max(2, options.connectionsMax ?? place.connectionsMax ?? defaultConnections);
  const pool = new PostgresPool({
    client: place.client,
    connectionsMax,
    writersMax: Math.min(batchLimits.batchesMax, connectionsMax - 1),
    waitMs: options.connectWaitMs ?? 10_000,
    answerMs: options.answerWaitMs ?? 20_000,
    preparesStatements: place.preparesStatements,
  });
  try {
    await checkEncoding(pool);
    await pool.learnEngine();
  } catch (error) {
    await pool.close();
    throw postgresFaults.storeError(error);
  }
  const engine = new PostgresEngine(pool, {
    schema: options.schema ?? place.schema,
    batchLimits,
    itemBytesMax: options.itemBytesMax ?? itemBytesMaxDefault,
    skipsLocked: options.skipsLocked ?? true,
  });
  return new ServerSqlStore(engine);
}

async function checkEncoding(pool: PostgresPool): Promise<void> {
  const { rows } = await pool.query(`SELECT current_setting('server_encoding')`);
  const encoding = String(rows[0]?.[0]);
  if (encoding !== 'UTF8') {
    throw new StoreError('incompatible', `PostgreSQL: the database has the encoding ${encoding}; the store needs UTF8`);
  }
}
