import { MemoryStore } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { openRedisStore } from '@tandem/store-redis';
import { describe, expect, it } from 'vitest';
import { newPrefix, redisUrl } from './test-redis.js';

const valkeyUrl = process.env['TANDEM_TEST_VALKEY_URL'];

describe.each([
  { title: 'Redis', url: redisUrl, shards: 1, needs: ' (needs redis)' },
  { title: 'Redis', url: redisUrl, shards: 5, needs: ' (needs redis)' },
  { title: 'Valkey', url: valkeyUrl, shards: 3, needs: ' (needs TANDEM_TEST_VALKEY_URL)' },
])('$title, $shards shards$needs', ({ url = '', shards }) => {
  const open = () => openRedisStore({ url, prefix: newPrefix(), shards });

  it.skipIf(url === '').each(storeContract)('$name', async ({ run }) => {
    const store = await open();
    try {
      await store.migrate();
      await run(store);
    } finally {
      await store.close();
    }
  });

  it.skipIf(url === '').each([1, 2, 3, 4, 5, 6])('answers like the memory store, seed %i', async (seed) => {
    const store = await open();
    try {
      await compareStores(new MemoryStore(), store, { seed, steps: 400 });
      expect(store.shardCount).toBe(shards);
    } finally {
      await store.close();
    }
  });
});
