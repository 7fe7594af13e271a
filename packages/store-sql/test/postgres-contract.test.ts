import { MemoryStore, type Store } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { openPostgresStore, type PostgresStoreOptions } from '@tandem/store-sql/postgres';
import { afterEach, describe, expect, it } from 'vitest';
import { dropSchema, newSchema, postgresUrl } from './postgres-place.js';

const needs = postgresUrl === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : '';
let schema = '';

async function withStore(options: Partial<PostgresStoreOptions>, work: (store: Store) => Promise<void>): Promise<void> {
  schema = newSchema();
  const store = await openPostgresStore({ url: postgresUrl, schema, ...options });
  try {
    await store.migrate();
    await work(store);
  } finally {
    await store.close();
  }
}

afterEach(async () => {
  if (schema !== '') await dropSchema(schema);
  schema = '';
});

describe.skipIf(postgresUrl === '')(`PostgreSQL${needs}`, () => {
  it.each(storeContract)('$name', ({ run }) => withStore({}, run));

  it.each([1, 2, 3, 4, 5, 6])('answers like the memory store, seed %i', (seed) =>
    withStore({}, (store) => compareStores(new MemoryStore(), store, { seed, steps: 300 })),
  );

  it('answers with the clock of the engine', () =>
    withStore({}, async (store) => {
      const { engineNow = 0 } = await store.ping();
      expect(Math.abs(engineNow - Date.now())).toBeLessThan(60_000);
    }));
});

describe.skipIf(postgresUrl === '')(`PostgreSQL where nothing that is locked can be skipped${needs}`, () => {
  const options = { skipsLocked: false };
  const claims = storeContract.filter(({ name }) => /claim|wake/.test(name));

  it.each(claims)('$name', ({ run }) => withStore(options, run));

  it.each([7, 8])('answers like the memory store, seed %i', (seed) =>
    withStore(options, (store) => compareStores(new MemoryStore(), store, { seed, steps: 300 })),
  );
});

describe.skipIf(postgresUrl === '')(`PostgreSQL without prepared statements${needs}`, () => {
  it.each([9, 10])('answers like the memory store, seed %i', (seed) =>
    withStore({ url: `${postgresUrl}?prepared_statements=false` }, (store) =>
      compareStores(new MemoryStore(), store, { seed, steps: 300 }),
    ),
  );
});
