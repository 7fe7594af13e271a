import { randomUUID } from 'node:crypto';
import { openMongoStore, type MongoStore, type MongoStoreOptions } from '@tandem/store-mongo';
import { MongoClient } from 'mongodb';

/** Set by `npm test`; the suites are skipped without it. */
export const mongoUrl = process.env['TANDEM_TEST_MONGO_URL'] ?? '';

/** The name of a database that no other test has. */
export function newDatabase(): string {
  return `tandem_${randomUUID().slice(0, 8)}`;
}

/** Runs `use` with a store in a database of its own, which is dropped afterwards. */
export async function withStore(
  use: (store: MongoStore, options: MongoStoreOptions & { readonly database: string }) => Promise<void>,
  more: Partial<MongoStoreOptions> = {},
): Promise<void> {
  const options = { url: mongoUrl, database: newDatabase(), ...more };
  const store = await openMongoStore(options);
  try {
    await store.migrate();
    await use(store, options);
  } finally {
    await store.close();
    await withDatabase(options, (database) => database.dropDatabase());
  }
}

/** The engine's own view of a database. */
export async function withDatabase<T>(
  { url, database }: { readonly url: string; readonly database: string },
  use: (database: ReturnType<MongoClient['db']>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(url);
  try {
    return await use(client.db(database));
  } finally {
    await client.close();
  }
}
