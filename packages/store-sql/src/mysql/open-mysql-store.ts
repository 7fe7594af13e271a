import type { BatchLimits, Store } from '@tandem/store';
import { itemBytesMaxDefault } from '../item-bytes.js';
import { ServerSqlStore } from '../server-sql/server-sql-store.js';
import { MysqlEngine } from './mysql-engine.js';
import { mysqlFaults } from './mysql-fault.js';
import { MysqlPool } from './mysql-pool.js';
import { parseMysqlUrl } from './mysql-url.js';

export interface MysqlStoreOptions {
  /** `mysql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?ssl-mode=...`; see docs/stores/mysql.md. */
  readonly url: string;
  /** Most connections at once. More than ten seldom help, since what waits shares them. */
  readonly connectionsMax?: number | undefined;
  /** Longest wait for a connection. */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest wait for the answer to a batch. */
  readonly replyTimeoutMs?: number | undefined;
  readonly batchLimits?: Partial<BatchLimits> | undefined;
  /** Larger items are refused. */
  readonly itemBytesMax?: number | undefined;
  /** Up to so many items of a batch have a statement each. */
  readonly fewMax?: number | undefined;
}

const connectionsMaxDefault = 10;
const fewMaxDefault = 12;
const batchLimits: BatchLimits = { itemsMax: 256, bytesMax: 4 << 20, batchesMax: 2 };

/**
 * Connects. `migrate` has to be called before anything else. Rejects with `StoreError`: `incompatible` where the URL or the server
 * will not do, `unavailable` where it cannot be reached, in one line without the password.
 */
export async function openMysqlStore(options: MysqlStoreOptions): Promise<Store> {
  const target = parseMysqlUrl(options.url);
  const pool = new MysqlPool(target, {
    connectionsMax: options.connectionsMax ?? target.connectionsMax ?? connectionsMaxDefault,
    connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
    replyTimeoutMs: options.replyTimeoutMs ?? 20_000,
  });
  try {
    await pool.run(['SELECT 1']);
  } catch (error) {
    await pool.close();
    throw mysqlFaults.storeError(error);
  }
  const limits = { ...batchLimits, ...options.batchLimits };
  const { itemBytesMax = itemBytesMaxDefault, fewMax = fewMaxDefault } = options;
  return new ServerSqlStore(new MysqlEngine(pool, limits, { itemBytesMax, fewMax }));
}
