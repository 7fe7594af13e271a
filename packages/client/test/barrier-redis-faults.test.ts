/** A Redis that is killed, loses its last writes, is paused or full; and connections that die. */
import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { newGid } from '@tandem/client';
import { ioredisBarriers } from '@tandem/client/ioredis';
import { nodeRedisBarriers } from '@tandem/client/node-redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { untilRedis } from '../../../scripts/services/ask-redis.mjs';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { message, saga } from './redis/branch-calls.js';
import { openNodeRedis, redisLibraries } from './redis/redis-libraries.js';
import { settingOf, type RedisLibrary, type RedisSetting } from './redis/redis-setting.js';
import { StockLoad } from './redis/stock-load.js';

const hasPrograms = (process.env['TANDEM_TEST_REDIS_PROGRAMS'] ?? '') !== '';
const tried = Object.entries(redisLibraries).filter(([name]) => ['ioredis', 'node-redis'].includes(name));

describe.skipIf(!hasPrograms).each(tried)('a Redis of the test, by %s (needs the programs of redis)', (_, open) => {
  let instance: Instance;
  let library: RedisLibrary;
  let setting: RedisSetting;
  beforeAll(async () => {
    // With everysec, Redis answers before it writes while its disk is slow, and a kill takes up to two seconds of answers with it.
    instance = await openInstance('redis', ['--appendonly', 'yes', '--appendfsync', 'always']);
    library = await open(instance.url);
    setting = settingOf(library);
  });
  afterEach(() => library.send('CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction'));
  afterAll(async () => {
    library.close();
    await instance.close();
  });

  const restart = async () => {
    await instance.start();
    await untilRedis(instance.port, 'PING', (reply) => reply.includes('PONG'));
  };

  test('killed in the middle: what was done has its mark, and what has a mark was done', async () => {
    const load = await StockLoad.start(setting);
    for (let round = 0; round < 2; round += 1) {
      await load.more(300);
      await instance.kill();
      await restart();
    }
    await load.more(300);
    await load.end();
    expect(await load.lost()).toBe(0);
    await load.repeatAll();
    await load.undoAll();
  });

  test('its last writes lost, mark and change are gone together', async () => {
    const load = await StockLoad.start(setting);
    await load.more(300);
    await load.end();
    let lostBefore = 0;
    for (const bytes of [1, 30, 70, 150, 333, 1_000, 5_000]) {
      await instance.kill();
      await cutLog(instance, bytes);
      await restart();
      const lost = await load.lost();
      expect(lost).toBeGreaterThanOrEqual(lostBefore);
      lostBefore = lost;
    }
    expect(lostBefore).toBeGreaterThan(10);
    await load.undoAll();
  });

  test('paused beyond the patience of a caller: the back-check tells what became of the call', async () => {
    const [key, gid] = [newGid(), newGid()];
    await setting.send('SET', key, '5');
    instance.pause();
    const sold = setting.redis.adjust(message(gid), { key, by: -1, min: 0 });
    const other = await Promise.race([sold, new Promise((resolve) => setTimeout(resolve, 100, 'no answer'))]);
    expect(other).toBe('no answer');
    instance.resume();
    const told = await setting.redis.backCheck(message(gid), key);
    const outcome = await sold.then(
      () => 'committed',
      () => 'rolledBack',
    );
    expect(told).toBe(outcome);
    expect(await setting.send('GET', key)).toBe(told === 'committed' ? '4' : '5');
  });

  test('full: neither mark nor change, and the same call succeeds when there is room', async () => {
    const [key, gid] = [newGid(), newGid()];
    await setting.redis.adjust(saga(newGid(), 'action'), { key, by: 1 });
    await library.send('CONFIG', 'SET', 'maxmemory', '1');
    const add = () => setting.redis.adjust(saga(gid, 'action'), { key, by: 1 });
    await expect(add()).rejects.toThrow(/^OOM/);
    expect(await setting.marks(key, gid)).toEqual({});
    expect(await setting.send('GET', key)).toBe('1');
    await library.send('CONFIG', 'SET', 'maxmemory', '0');
    expect(await add()).toEqual({ done: true, value: 2 });
  });

  test('one that may not be asked how it evicts is taken', async () => {
    await library.send('ACL', 'SETUSER', 'shop', 'on', '>secret', '~*', '+@all', '-info');
    await library.send('CONFIG', 'SET', 'maxmemory', '1gb', 'maxmemory-policy', 'allkeys-lru');
    await setting.forgetScripts();
    const shop = await open(instance.url.replace('redis://', 'redis://shop:secret@'));
    try {
      expect(await shop.barriers().adjust(saga(newGid(), 'action'), { key: newGid(), by: 1 })).toMatchObject({
        done: true,
      });
    } finally {
      shop.close();
    }
  });

  test.each([
    ['allkeys-lru', '30d', 'refused'],
    ['allkeys-random', 'forever', 'refused'],
    ['volatile-ttl', '30d', 'refused'],
    ['volatile-lru', 'forever', 'taken'],
    ['noeviction', '30d', 'taken'],
  ] as const)('one that evicts by %s is asked to keep marks %s: %s', async (policy, keepMarks, outcome) => {
    const redis = library.barriers({ keepMarks });
    const [key, gid] = [newGid(), newGid()];
    const adjust = () => redis.adjust(saga(gid, 'action'), { key, by: 1 });
    await library.send('CONFIG', 'SET', 'maxmemory-policy', policy);
    await setting.forgetScripts();
    expect(await adjust()).toMatchObject({ done: true });
    await library.send('CONFIG', 'SET', 'maxmemory', '1gb');
    await setting.forgetScripts();
    if (outcome === 'taken') expect(await adjust()).toEqual({ done: false, skipped: 'repeated' });
    else await expect(adjust()).rejects.toMatchObject({ code: 'REDIS_MAY_EVICT', name: 'InvalidUse' });
  });
});

describe.skipIf(!hasPrograms)('connections that die (needs the programs of redis)', () => {
  let instance: Instance;
  let library: RedisLibrary;
  beforeAll(async () => {
    instance = await openInstance('redis');
    library = await openNodeRedis(instance.url);
  });
  afterAll(async () => {
    library.close();
    await instance.close();
  });

  test.each(['ioredis', 'node-redis'])('%s: each call is done once, whenever its connection died', async (name) => {
    const key = newGid();
    let unanswered = 0;
    for (let round = 0; round < 60; round += 1) {
      const gid = newGid();
      const dying = await connect(name, instance.url);
      const call = dying.redis.adjust(saga(gid, 'action'), { key, by: 1 });
      if (round % 3 === 0) await Promise.resolve();
      if (round % 3 === 1) await new Promise(setImmediate);
      dying.destroy();
      await call.catch(() => (unanswered += 1));
      await library.barriers().adjust(saga(gid, 'action'), { key, by: 1 });
    }
    expect(await library.send('GET', key)).toBe('60');
    expect(unanswered).toBeGreaterThan(0);
  });
});

async function connect(name: string, url: string) {
  if (name === 'ioredis') {
    const client = new Redis(url, { lazyConnect: true });
    client.on('error', () => undefined);
    await client.connect();
    return { redis: ioredisBarriers(client), destroy: () => client.disconnect() };
  }
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  return { redis: nodeRedisBarriers(client), destroy: () => client.destroy() };
}

/** Cuts the end of the log off, as a machine does that lost power before it was on the disk. */
async function cutLog({ folder }: Instance, bytes: number): Promise<void> {
  const logs = join(folder, 'data', 'appendonlydir');
  const name = (await readdir(logs)).filter((one) => one.endsWith('.incr.aof')).at(-1) ?? '';
  const { size } = await stat(join(logs, name));
  await truncate(join(logs, name), size - bytes);
}
