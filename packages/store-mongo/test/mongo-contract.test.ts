import { MemoryStore } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { describe, it } from 'vitest';
import { mongoUrl, withStore } from './test-database.js';

describe.runIf(mongoUrl !== '')('MongoDB', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    await withStore(run);
  });

  it.each([1, 2])('answers like the memory store, seed %i', async (seed) => {
    await withStore((store) => compareStores(new MemoryStore(), store, { seed, steps: 200 }));
  });

  it.each([3])('answers like the memory store with texts beside their documents, seed %i', async (seed) => {
    const spill = { textMax: 1, documentMax: 20 };
    await withStore((store) => compareStores(new MemoryStore(), store, { seed, steps: 120 }), { spill });
  });
});
