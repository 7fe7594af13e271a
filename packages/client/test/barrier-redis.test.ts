import { Barrier, newGid } from '@tandem/client';
import type { RedisBarriers } from '@tandem/client/ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { redisLibraries, type RedisLibrary } from './redis/redis-libraries.js';

const url = process.env['TANDEM_TEST_REDIS_URL'];

describe.skipIf(url === undefined).each(Object.entries(redisLibraries))('barriers by %s (needs redis)', (_, open) => {
  let library: RedisLibrary;
  let redis: RedisBarriers;
  beforeAll(async () => {
    library = await open(url ?? '');
    redis = library.barriers();
  });
  afterAll(() => library.close());

  test('near the limit a repeat is no refusal', async () => {
    const [gid, key] = [newGid(), newGid()];
    await library.send('SET', library.keyPrefix + key, '30');
    const take = () =>
      redis.adjust(new Barrier({ gid, transType: 'saga', branchId: '01', op: 'action' }), { key, by: -30, min: 0 });
    expect(await take()).toEqual({ done: true, value: 0 });
    expect(await take()).toEqual({ done: false, skipped: 'repeated' });
    expect(await library.send('GET', library.keyPrefix + key)).toBe('0');
  });
});
