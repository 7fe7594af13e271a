import { MemoryStore, type Store } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { openPostgresStore } from '@tandem/store-sql/postgres';
import { dropSchema, newSchema, postgresUrl } from './postgres-place.js';

const needs = postgresUrl === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : '';

describe.skipIf(postgresUrl === '').each([
  ['with SKIP LOCKED', true],
  ['where nothing locked can be skipped', false],
])(`PostgreSQL %s${needs}`, (_, skipsLocked) => {
  let schema = '';

  afterEach(async () => {
    await dropSchema(schema);
  });

  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    schema = newSchema();
    const store = await openPostgresStore({ url: postgresUrl, schema, skipsLocked });
    try {
      await store.migrate();
      await work(store);
    } finally {
      await store.close();
    }
  }

  it.each(storeContract)('$name', ({ run }) => withStore(run));

  it.each([1, 2, 3, 4, 5, 6])('answers like the memory store, seed %i', (seed) =>
    withStore((store) => compareStores(new MemoryStore(), store, { seed, steps: 300 })),
  );

  it('answers with the clock of the engine', () =>
    withStore(async (store) => {
      const { engineNow = 0 } = await store.ping();
      expect(Math.abs(engineNow - Date.now())).toBeLessThan(60_000);
    }));
});
