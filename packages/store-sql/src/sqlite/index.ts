export { hasSqliteStore, openSqliteStore, type SqliteStoreOptions } from './open-sqlite-store.js';
export { SqliteStore, type SqliteCounts } from './sqlite-store.js';
