import type { Store } from '@tandem/store';
import type { DtmTables } from '@tandem/store-sql/dtm';
import { engineOfScheme, type StoreEngine } from '../config/store-engine.js';
import type { StoreLocation } from '../config/store-location.js';
import { ConfigError } from '../config/config-error.js';

type LocationOf<Engine extends StoreEngine> = Extract<StoreLocation, { readonly engine: Engine }>;

/** Opens the store at a location: the only place that knows concrete stores. A driver is loaded when it is asked for. */
export async function openStore(location: StoreLocation): Promise<Store> {
  switch (location.engine) {
    case 'sqlite':
      return openSqlite(location);
    case 'postgres':
    case 'mysql':
    case 'redis':
    case 'mongodb':
      throw new ConfigError([`the store ${location.engine} is not built yet`]);
  }
}

async function openSqlite({ folder }: LocationOf<'sqlite'>): Promise<Store> {
  const { openSqliteStore } = await import('@tandem/store-sql/sqlite');
  return openSqliteStore({ folder });
}

export type { DtmBranch, DtmKeyValue, DtmTables, DtmTransaction } from '@tandem/store-sql/dtm';

/** Opens the tables of a DTM server to be read; `url` without the `dtm+` that stands before its scheme. */
export async function openDtmTables(url: string): Promise<DtmTables> {
  const { openMysqlDtm, openPostgresDtm } = await import('@tandem/store-sql/dtm');
  return engineOfScheme(url.split(':')[0] ?? '') === 'mysql' ? openMysqlDtm(url) : openPostgresDtm(url);
}
