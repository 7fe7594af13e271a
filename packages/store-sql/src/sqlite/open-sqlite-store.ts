import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from '@tandem/store';
import { itemBytesMaxDefault } from '../item-bytes.js';
import { MainThreadHost } from './engine-host.js';
import { SqliteEngine, type EngineOptions } from './sqlite-engine.js';
import { SqliteStore } from './sqlite-store.js';
import { hasWorkerScript, WorkerHost } from './worker-host.js';

/** The file's name where a folder is given. */
const fileName = 'tandem.db';

type Place = { readonly folder: string; readonly path?: never } | { readonly path: string; readonly folder?: never };

/** Where the file is, and how it is kept; all but the place have defaults. */
export type SqliteStoreOptions = Place &
  Partial<Omit<EngineOptions, 'path'>> & {
    /**
     * `worker`, the default where the package is built: a sync to the disk stops nothing else. `main`: on the calling
     * thread, which costs a little less and stops everything meanwhile.
     */
    readonly thread?: 'worker' | 'main';
  };

const defaults: Omit<EngineOptions, 'path'> = {
  synchronous: 'full',
  cacheBytes: 16 << 20,
  logBytes: 8 << 20,
  fileBytesMax: undefined,
  lockWaitMs: 0,
  itemBytesMax: itemBytesMaxDefault,
};

/** Whether an embedded store was ever made in this folder: opening it would make one. */
export function hasSqliteStore(folder: string): boolean {
  return existsSync(join(folder, fileName));
}

/**
 * Opens (or creates) the embedded store for this process alone; its leases are void, so what it holds runs at once.
 * Rejects with `StoreError`: `locked` where another process has it open, `incompatible` where a newer version wrote it.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { folder, path, thread, ...rest } = options;
  const file = folder === undefined ? path : join(folder, fileName);
  try {
    // What callers send lies there in plain: payloads, and headers with their tokens.
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError('unavailable', `cannot create the folder of ${file}`, { cause: error });
  }
  const engineOptions: EngineOptions = { ...defaults, ...rest, path: file };
  const isOnWorker = thread === undefined ? hasWorkerScript() : thread === 'worker';
  if (isOnWorker) return new SqliteStore(await WorkerHost.open(engineOptions));
  return new SqliteStore(new MainThreadHost(new SqliteEngine(engineOptions)));
}
