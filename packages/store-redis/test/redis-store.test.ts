import { openRedisStore, type RedisStore, type RedisStoreOptions } from '@tandem/store-redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shardIndexOf, shardsOf } from '../src/layout/shard.js';
import {
  commitOf,
  createOf,
  headOf,
  kinds,
  newPrefix,
  redisUrl,
  versionOf,
  withClient,
  writeOne,
} from './test-redis.js';

const url = redisUrl ?? '';
let prefix: string;
let opened: RedisStore[];

beforeEach(() => {
  prefix = newPrefix();
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
});

async function open(options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const store = await openRedisStore({ url, prefix, ...options });
  opened.push(store);
  return store;
}

async function keysOfPrefix(): Promise<readonly string[]> {
  return withClient(url, async (send) => (await send('KEYS', `{${prefix}:*`)) as string[]);
}

describe.skipIf(redisUrl === undefined)('the store on Redis (needs redis)', () => {
  it('leaves no time to live on any key, and all keys under its prefix', async () => {
    const store = await open({ shards: 3 });
    const waiting = headOf({ waitsFor: 'http://a', dueAt: 50 });
    const gids = Array.from({ length: 30 }, (_, index) => `g${index}`);
    await store.write(gids.map((gid) => createOf(gid, { head: waiting })));
    await store.claimDue({ now: 100, limit: 5, owner: 'a', leaseUntil: 200, token: 'claim' });
    await store.wake({ waitsFor: 'http://a', dueAfter: 0 }, 10, 5);
    await store.putKeyValue('topic', 'k', 'v', 0, 1);
    await store.ping();
    const keys = await keysOfPrefix();
    expect(keys.length).toBeGreaterThan(35);
    const lives = await withClient(url, (send) => Promise.all(keys.map((key) => send('TTL', key))));
    expect(new Set(lives)).toEqual(new Set([-1]));
  });

  it('keeps the number of shards that it was created with, and refuses another', async () => {
    await (await open({ shards: 3 })).write([createOf('g')]);
    const again = await open();
    expect(again.shardCount).toBe(3);
    expect(await versionOf(again, 'g')).toBe(1);
    await expect(open({ shards: 4 })).rejects.toMatchObject({
      kind: 'incompatible',
      message: expect.stringContaining('has 3 shards, not 4'),
    });
    await expect(open({ url: `${url}?shards=5` })).rejects.toMatchObject({ kind: 'incompatible' });
  });

  it('refuses a store that a newer version wrote', async () => {
    await open();
    await withClient(url, (send) => send('HSET', `{${prefix}:meta}`, 'format', '9'));
    await expect(open()).rejects.toMatchObject({ kind: 'incompatible', message: expect.stringContaining('format 9') });
  });

  it('is opened by many at once as one store', async () => {
    const wishes = [1, 2, 3, 4].map((shards) => open({ shards }).catch((error: unknown) => error));
    const stores = (await Promise.all(wishes)).filter((one) => !(one instanceof Error));
    expect(stores).toHaveLength(1);
  });

  it('goes on after the server was told to forget its scripts', async () => {
    const store = await open();
    await withClient(url, (send) => send('SCRIPT', 'FLUSH'));
    expect(await kinds(store, createOf('g'))).toEqual(['applied']);
  });

  it('refuses what is too large alone, and what meets a key that is not its own', async () => {
    const store = await open({ writeLimits: { itemBytesMax: 1000 } });
    await withClient(url, (send) => send('SET', `{${prefix}:0:0}tx:foreign`, 'x'));
    const large = createOf('large', { body: 'x'.repeat(2000) });
    const foreign = createOf('foreign');
    expect(await kinds(store, createOf('a'), large, foreign, createOf('b'))).toEqual([
      'applied',
      'refused',
      'refused',
      'applied',
    ]);
  });

  it('cuts a batch into runs that keep the server busy for a short while only', async () => {
    const store = await open({ writeLimits: { runItemsMax: 3, runBytesMax: 400 } });
    const items = Array.from({ length: 20 }, (_, index) => createOf(`g${index}`, { body: 'x'.repeat(index * 40) }));
    expect(await kinds(store, ...items)).toEqual(items.map(() => 'applied'));
    const loaded = await store.load(
      items.map((item) => item.gid),
      'body',
    );
    expect(loaded.map((one) => one?.body.length)).toEqual(items.map((item) => item.body.length));
  });

  it('claims no more into memory at once than it may, and goes on where it stopped', async () => {
    const store = await open({ shards: 2 });
    const body = 'x'.repeat(12 << 20);
    for (let index = 0; index < 6; index++) await store.write([createOf(`g${index}`, { body })]);
    const sizes: number[] = [];
    for (let round = 0; sizes.reduce((all, one) => all + one, 0) < 6; round++) {
      const claim = { now: 2, limit: 100, owner: 'a', leaseUntil: 9, token: `claim ${round}` };
      sizes.push((await store.claimDue(claim)).claimed.length);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it('mends indexes that name too much, as a script that was cut off leaves them', async () => {
    const store = await open({ shards: 1 });
    await store.write([createOf('later', { head: headOf({ dueAt: 500 }) }), createOf('done', { head: headOf() })]);
    await store.write([commitOf('done', 1, { head: headOf({ dueAt: undefined, finishedAt: 5 }) })]);
    const base = `{${prefix}:0:0}`;
    await withClient(url, async (send) => {
      await send('ZADD', `${base}queue:saga`, '1', 'later', '1', 'done', '1', 'never there');
      await send('ZADD', `${base}waiting`, '0', 'http://a 0000000000000500 later');
      await send('ZADD', `${base}open`, '1', 'done', '1', 'never there');
    });
    expect(await store.wake({ waitsFor: 'http://a', dueAfter: 0 }, 10, 10)).toBe(0);
    const claim = { now: 100, limit: 10, owner: 'a', leaseUntil: 900, token: 'claim' };
    expect(await store.claimDue(claim)).toEqual({ claimed: [], nextAt: 500 });
    const page = await store.scan({}, undefined, 10);
    expect(page.heads.map((head) => head.gid)).toEqual(['later', 'done']);
    const left = await withClient(url, (send) => send('ZRANGE', `${base}queue:saga`, '0', '-1', 'WITHSCORES'));
    expect(left).toEqual(['later', '500']);
    expect(await store.backlog(100)).toEqual({ unfinished: 1, overdue: 0, paused: 0 });
  });

  it('looks at so many at most for one page of a listing, and gets through all the same', async () => {
    const store = await open({ shards: 2 });
    const gids = Array.from({ length: 9_000 }, (_, index) => `${index % 3_000 === 7 ? 'rare' : 'usual'}-${index}`);
    for (let from = 0; from < gids.length; from += 500) {
      const batch = gids.slice(from, from + 500);
      await store.write(batch.map((gid, at) => createOf(gid, { head: headOf({ createdAt: from + at }) })));
    }
    const found: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await store.scan({ gidPrefix: 'rare' }, cursor, 100);
      found.push(...page.heads.map((head) => head.gid));
      cursor = page.nextCursor;
      pages++;
    }
    expect(found).toEqual(['rare-6007', 'rare-3007', 'rare-7']);
    expect(pages).toBeGreaterThan(3);
  });

  it('wakes more than one look sees, in all shards', async () => {
    const store = await open({ shards: 2 });
    const gids = Array.from({ length: 5_000 }, (_, index) => `g${index}`);
    for (let from = 0; from < gids.length; from += 500) {
      // The first half is due already and only held by a lease that ends later: it lies in the way.
      const head = headOf({ dueAt: from < 2_500 ? 1 : 5_000, waitsFor: from < 2_500 ? '' : 'http://a' });
      const lease = from < 2_500 ? { owner: 'x', untilMs: 4_000 } : undefined;
      await store.write(gids.slice(from, from + 500).map((gid) => createOf(gid, { head, lease })));
    }
    expect(await store.wake({ dueAfter: 100 }, 50, 700)).toBe(700);
    expect(await store.wake({ waitsFor: 'http://a', dueAfter: 100 }, 50, 10_000)).toBe(1_800);
    expect(await store.wake({ dueAfter: 100 }, 50, 10_000)).toBe(0);
  });

  it.each([1, 2])('wakes all that lie among others which a lease holds, in %i shards', async (shards) => {
    const store = await open({ shards });
    const gids = Array.from({ length: 3_000 }, (_, index) => `g${index}`);
    for (let from = 0; from < gids.length; from += 500) {
      const held = { head: headOf({ dueAt: 1 }), lease: { owner: 'x', untilMs: 5_000 } };
      const waiting = { head: headOf({ dueAt: 5_000 }) };
      await store.write(gids.slice(from, from + 500).map((gid, at) => createOf(gid, at % 2 === 0 ? held : waiting)));
    }
    expect(await store.wake({ dueAfter: 100 }, 50, 10_000)).toBe(1_500);
  });

  it('wakes nothing twice, though the filter lets what was woken pass again', async () => {
    const store = await open();
    const gids = Array.from({ length: 1_100 }, (_, index) => `g${index}`);
    const head = headOf({ dueAt: 5_000, waitsFor: 'http://a' });
    for (let from = 0; from < gids.length; from += 550) {
      await store.write(gids.slice(from, from + 550).map((gid) => createOf(gid, { head })));
    }
    await store.wake({ waitsFor: 'http://a', dueAfter: 10 }, 100, 3_000);
    const versions = (await store.load(gids, 'head')).map((one) => one?.head.version);
    expect(Math.max(...versions.map(Number))).toBe(2);
  });

  it('a claim that fails in one shard gives what it took in the others', async () => {
    const store = await open({ shards: 2 });
    const gids = Array.from({ length: 10 }, (_, index) => `g${index}`);
    await store.write(gids.map((gid) => createOf(gid)));
    const ill = gids.filter((gid) => shardIndexOf(gid, 2) === 1);
    const { transaction = '' } = shardsOf(prefix, 2)[1] ?? {};
    // What no script expects makes it fail, as a master that is lost between the look and the claim would.
    await withClient(url, async (send) => {
      for (const gid of ill) await send('DEL', transaction + gid);
      for (const gid of ill) await send('SET', transaction + gid, 'x');
    });
    const claim = { now: 5, limit: 100, owner: 'a', leaseUntil: 900, token: 'claim' };
    const { claimed, nextAt } = await store.claimDue(claim);
    expect(claimed.map((one) => one.head.gid).sort()).toEqual(gids.filter((gid) => !ill.includes(gid)));
    // The shard that failed is looked at again at once, and tells its fault when there is nothing else to give.
    expect(nextAt).toBeLessThanOrEqual(5);
    await expect(store.claimDue(claim)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('of four stores that claim ten thousand each due transaction goes to one', async () => {
    for (const shards of [1, 4]) {
      prefix = newPrefix();
      const stores = await Promise.all([1, 2, 3, 4].map(() => open({ shards })));
      const [first] = stores;
      const gids = Array.from({ length: 10_000 }, (_, index) => `g${index}`);
      for (let from = 0; from < gids.length; from += 500) {
        await first?.write(
          gids.slice(from, from + 500).map((gid, at) => createOf(gid, { head: headOf({ dueAt: at }) })),
        );
      }
      const claimed: string[] = [];
      const startedAt = performance.now();
      await Promise.all(
        stores.map(async (store, owner) => {
          for (let round = 0; ; round++) {
            const token = `claim ${owner} ${round}`;
            const claim = { now: 1_000, limit: 100, owner: `owner ${owner}`, leaseUntil: 9_000, token };
            const result = await store.claimDue(claim);
            claimed.push(...result.claimed.map((one) => one.head.gid));
            if (result.nextAt !== undefined && result.nextAt > 1_000) break;
          }
        }),
      );
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(`${shards} shards: ${Math.round(claimed.length / seconds)} claims a second`);
      expect(claimed.length).toBe(10_000);
      expect(new Set(claimed).size).toBe(10_000);
    }
  });

  it('never tells a password, and says what is wrong in one line', async () => {
    const messages: string[] = [];
    const bad = [
      url.replace('redis://', 'redis://:secret-1@'),
      'redis://user:secret-1@127.0.0.1:1',
      'redis://user:secret-1@host:port',
      'redis-cluster://user:secret-1@127.0.0.1:1,127.0.0.1:2',
      'redis-sentinel://user:secret-1@127.0.0.1:1/main?sentinelPassword=secret-1',
      'redis://user:secret-1@127.0.0.1:1/0?unknown=secret-1',
      'redis://user:%zzsecret-1@127.0.0.1:1',
    ];
    for (const wrong of bad) {
      const error: unknown = await open({ url: wrong, retryForMs: 50 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'StoreError' });
      for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message);
    }
    expect(messages.length).toBeGreaterThanOrEqual(bad.length);
    for (const message of messages) {
      expect(message).not.toContain('secret-1');
      expect(message).not.toContain('\n');
    }
  });

  it('answers who asks again with a token that it knows, and writes once', async () => {
    const store = await open();
    const item = createOf('g');
    expect(await writeOne(store, item)).toEqual({ kind: 'applied', version: 1, epoch: 0 });
    expect(await writeOne(store, item)).toEqual({ kind: 'applied', version: 1, epoch: 0 });
  });
});
