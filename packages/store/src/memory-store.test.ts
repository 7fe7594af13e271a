import { describe, expect, it } from 'vitest';
import { compareStores, storeContract } from './contract/index.js';
import { MemoryStore } from './memory-store.js';
import { UnreliableStore } from './unreliable-store.js';

describe('the memory store', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    const store = new MemoryStore();
    await store.migrate();
    await run(store);
  });
});

describe('a store that splits batches and is slow', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    const delay = (): Promise<void> => Promise.resolve();
    await run(new UnreliableStore(new MemoryStore(), { random, delay, splitBatch: 0.5 }));
  });
});

describe('the comparison of stores', () => {
  it('finds no difference between a store and itself', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await compareStores(new MemoryStore(), new MemoryStore(), { seed, steps: 300 });
    }
  });

  it('finds a store that answers differently', async () => {
    const refusing = new UnreliableStore(new MemoryStore(), {
      random: () => 0,
      refuse: (item) => (item.gid === 'zz' ? 'no' : undefined),
    });
    await expect(compareStores(new MemoryStore(), refusing, { seed: 1, steps: 300 })).rejects.toThrow('seed 1');
  });
});
