import type { Store } from '@tandem/store';
import type { DtmTables } from '@tandem/store-sql/dtm';
import { engineOfScheme } from '../config/store-engine.js';
import type { StoreLocation } from '../config/store-location.js';

type EmbeddedLocation = Extract<StoreLocation, { readonly engine: 'sqlite' }>;
type ServerLocation = Exclude<StoreLocation, EmbeddedLocation>;

/** Opens the store at a location: the only place that knows concrete stores. A driver is loaded when it is asked for. */
export async function openStore(location: StoreLocation, told: StoreTold = {}): Promise<Store> {
  switch (location.engine) {
    case 'sqlite':
      return openSqlite(location);
    case 'postgres':
      return openPostgres(location);
    case 'mysql':
      return openMysql(location);
    case 'redis':
      return openRedis(location, told);
    case 'mongodb':
      return openMongo(location);
  }
}

/** False for a folder without an embedded store, which opening it would make. Of others only opening them tells. */
export async function isStoreThere(location: StoreLocation): Promise<boolean> {
  if (location.engine !== 'sqlite') return true;
  const { hasSqliteStore } = await import('@tandem/store-sql/sqlite');
  return hasSqliteStore(location.folder);
}

/** What an engine has to say when it is opened. */
export interface StoreTold {
  /** One line that an operator should know, that nothing outlives a restart of the engine, say. */
  readonly notice?: (line: string) => void;
}

async function openSqlite({ folder }: EmbeddedLocation): Promise<Store> {
  const { openSqliteStore } = await import('@tandem/store-sql/sqlite');
  return openSqliteStore({ folder });
}

async function openPostgres({ url, connectionsMax, schema }: ServerLocation): Promise<Store> {
  const { openPostgresStore } = await import('@tandem/store-sql/postgres');
  return openPostgresStore({ url, ...given({ connectionsMax, schema }) });
}

async function openMysql({ url, connectionsMax }: ServerLocation): Promise<Store> {
  const { openMysqlStore } = await import('@tandem/store-sql/mysql');
  return openMysqlStore({ url, connectionsMax });
}

async function openRedis({ url, prefix }: ServerLocation, { notice }: StoreTold): Promise<Store> {
  const { openRedisStore } = await import('@tandem/store-redis');
  return openRedisStore({ url, ...given({ prefix, onNotice: notice }) });
}

async function openMongo({ url, connectionsMax }: ServerLocation): Promise<Store> {
  const { openMongoStore } = await import('@tandem/store-mongo');
  return openMongoStore({ url, ...given({ connectionsMax }) });
}

type Given<T> = { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Without the members that say nothing, so that the store's own default holds. */
function given<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}

export type { DtmBranch, DtmKeyValue, DtmTables, DtmTransaction } from '@tandem/store-sql/dtm';

/** Opens the tables of a DTM server to be read; `url` without the `dtm+` that stands before its scheme. */
export async function openDtmTables(url: string): Promise<DtmTables> {
  const { openMysqlDtm, openPostgresDtm } = await import('@tandem/store-sql/dtm');
  return engineOfScheme(url.split(':')[0] ?? '') === 'mysql' ? openMysqlDtm(url) : openPostgresDtm(url);
}
