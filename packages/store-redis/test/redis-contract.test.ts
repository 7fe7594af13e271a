import { MemoryStore } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { openRedisStore } from '@tandem/store-redis';
import { describe, expect, it } from 'vitest';
import { newPrefix, redisUrl } from './test-redis.js';

describe.skipIf(redisUrl === undefined).each([1, 5])('Redis, %i shards (needs redis)', (shards) => {
  const open = () => openRedisStore({ url: redisUrl ?? '', prefix: newPrefix(), shards });

  it.each(storeContract)('$name', async ({ run }) => {
    const store = await open();
    try {
      await store.migrate();
      await run(store);
    } finally {
      await store.close();
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('answers like the memory store, seed %i', async (seed) => {
    const store = await open();
    try {
      await compareStores(new MemoryStore(), store, { seed, steps: 400 });
      expect(store.shardCount).toBe(shards);
    } finally {
      await store.close();
    }
  });
});
