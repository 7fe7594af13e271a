import type { SqliteStore, SqliteStoreOptions } from '@tandem/store-sql/sqlite';

interface Built {
  openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore>;
}

/** Opens the store from the built package: a worker thread needs a script file. `npm test` builds first. */
export async function openBuiltStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const built = (await import(builtEntry.href)) as Built;
  return built.openSqliteStore(options);
}

/** The built entry, for child processes. */
export const builtEntry = new URL('../dist/sqlite/index.js', import.meta.url);
