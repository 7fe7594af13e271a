import { openSqliteStore, type SqliteStore } from '@tandem/store-sql/sqlite';
import type { Config } from '../config/settings.js';

type Open = (config: Config) => Promise<SqliteStore>;

const openers: Readonly<Record<Config['storeDriver'], Open>> = {
  sqlite: ({ dataFolder }) => openSqliteStore({ folder: dataFolder }),
};

/** Opens the store that the configuration names: the only place that knows concrete stores. */
export function openStore(config: Config): Promise<SqliteStore> {
  return openers[config.storeDriver](config);
}
