import { openSqliteStore, type SqliteStore } from '@tandem/store-sql/sqlite';
import type { Config } from '../config/settings.js';

/** Opens the store that the configuration names: the only place that knows concrete stores. */
export function openStore(config: Config): Promise<SqliteStore> {
  switch (config.storeDriver) {
    case 'sqlite':
      return openSqliteStore({ folder: config.dataFolder });
  }
}
