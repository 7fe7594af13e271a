import { setTimeout as delay } from 'node:timers/promises';
import { GroupCommit } from '@tandem/store';
import { openRedisStore, type RedisStore, type RedisStoreOptions } from '@tandem/store-redis';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { commitOf, createOf, hasPrograms, headOf, kinds, versionOf, withClient, writeOne } from './test-redis.js';

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function start(...args: readonly string[]): Promise<Instance> {
  const instance = await openInstance('redis', args);
  opened.push(instance);
  return instance;
}

async function open(url: string, options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const store = await openRedisStore({ url, ...options });
  opened.push(store);
  return store;
}

describe.skipIf(!hasPrograms)('a Redis of the test (needs the programs of redis)', () => {
  it('that takes no more connections for a moment is asked again until it does', async () => {
    const { url } = await start();
    const store = await open(url, { retryForMs: 30_000 });
    await withClient(url, async (send) => {
      await send('CONFIG', 'SET', 'maxclients', '1');
      await send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      const written = writeOne(store, createOf('g'));
      await delay(200);
      await send('CONFIG', 'SET', 'maxclients', '100');
      expect(await written).toMatchObject({ kind: 'applied' });
    });
  });

  it('that is killed in the middle of commits loses nothing it acknowledged, with appendfsync always', async () => {
    const instance = await start('--appendonly', 'yes', '--appendfsync', 'always');
    // What the store would bear by itself comes to light, and to whoever retries.
    const store = await open(instance.url, { retryForMs: 0 });
    const writes = new GroupCommit(store);
    const acknowledged = new Map<string, number>();
    let isOver = false;
    const one = async (worker: number): Promise<void> => {
      for (let round = 0; !isOver; round++) {
        const gid = `g-${worker}-${round}`;
        const retry = { retryUntil: Date.now() + 100_000 };
        const lease = { owner: 'a', untilMs: 9e12 };
        for (const item of [createOf(gid, { lease }), commitOf(gid, 1), commitOf(gid, 2)]) {
          const result = await writes.write(item, retry);
          // A conflict or an existing gid would mean that a lost reply was not recognised.
          if (result.kind !== 'applied') throw new Error(`${gid}: ${result.kind}`);
          acknowledged.set(gid, result.version);
        }
      }
    };
    const workers = Array.from({ length: 32 }, (_, worker) => one(worker));
    for (let kill = 1; kill <= 3; kill++) {
      const before = acknowledged.size;
      await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 200);
      await instance.kill();
      await instance.start();
    }
    const before = acknowledged.size;
    await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 200);
    isOver = true;
    await Promise.all(workers);
    expect(writes.counts().faults).toBeGreaterThan(0);
    const gids = [...acknowledged.keys()];
    const stored = await store.load(gids, 'head');
    expect(stored.map((found) => found?.head.version)).toEqual([...acknowledged.values()]);
  });

  it('that is full refuses writes, and takes them again when there is room, without a restart', async () => {
    const instance = await start('--maxmemory', '8mb', '--maxmemory-policy', 'noeviction');
    const store = await open(instance.url);
    const body = 'x'.repeat(100_000);
    const applied: string[] = [];
    const fill = async (): Promise<void> => {
      for (let index = 0; index < 200; index++) {
        await store.write([createOf(`g${index}`, { body })]);
        applied.push(`g${index}`);
      }
    };
    await expect(fill()).rejects.toMatchObject({ name: 'StoreError', kind: 'full' });
    const lost = createOf(`g${applied.length}`, { body });
    await expect(store.write([lost])).rejects.toMatchObject({ kind: 'full' });
    await expect(store.ping()).rejects.toMatchObject({ kind: 'full' });
    const kept = await store.load([...applied, lost.gid], 'head');
    expect(kept.map((one) => one?.head.version)).toEqual([...applied.map(() => 1), undefined]);
    // A purge needs no room. What finished before it was full can go.
    await withClient(instance.url, (send) => send('CONFIG', 'SET', 'maxmemory', '9mb'));
    const [first = ''] = applied;
    await store.write([commitOf(first, 1, { head: headOf({ dueAt: undefined, finishedAt: 2 }) })]);
    await withClient(instance.url, (send) => send('CONFIG', 'SET', 'maxmemory', '8mb'));
    expect((await store.purge(10, undefined, 1000)).purged).toBe(1);
    await withClient(instance.url, (send) => send('CONFIG', 'SET', 'maxmemory', '9mb'));
    expect(await kinds(store, lost)).toEqual(['applied']);
    await store.ping();
  });

  it('that may throw keys away is refused, unless only keys with a time to live can go and that is wanted', async () => {
    const instance = await start('--maxmemory-policy', 'allkeys-lru');
    const wanted = { allowVolatileEviction: true };
    const refused = { kind: 'incompatible', message: expect.stringContaining('maxmemory-policy allkeys-lru') };
    await expect(open(instance.url)).rejects.toMatchObject(refused);
    await expect(open(instance.url, wanted)).rejects.toMatchObject(refused);
    await withClient(instance.url, (send) => send('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru'));
    await expect(open(instance.url)).rejects.toMatchObject({ kind: 'incompatible' });
    await open(instance.url, wanted);
    await open(`${instance.url}?eviction=volatile`);
    await withClient(instance.url, (send) => send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction'));
    await open(instance.url);
  });

  it('that keeps nothing on a disk is told of, once, and used all the same', async () => {
    const instance = await start();
    const notices: string[] = [];
    const onNotice = (notice: string): void => void notices.push(notice);
    await open(instance.url, { onNotice });
    expect(notices).toEqual([expect.stringContaining('neither writes a log (AOF) nor snapshots')]);
    await withClient(instance.url, (send) => send('CONFIG', 'SET', 'save', '60 1'));
    await open(instance.url, { onNotice });
    expect(notices[1]).toContain('snapshots at most');
    await withClient(instance.url, async (send) => {
      await send('CONFIG', 'SET', 'appendonly', 'yes');
      // Before its log has begun, it would not stop.
      await expect.poll(() => send('INFO', 'persistence')).toContain('aof_rewrite_in_progress:0');
    });
    await open(instance.url, { onNotice });
    expect(notices).toHaveLength(2);
  });

  it('that forbids CONFIG and INFO, as managed services may, is used with what it allows', async () => {
    const instance = await start();
    await withClient(instance.url, async (send) => {
      await send('ACL', 'SETUSER', 'no-config', 'on', '>secret-2', '~*', '+@all', '-config');
      await send('ACL', 'SETUSER', 'no-info', 'on', '>secret-2', '~*', '+@all', '-config', '-info');
    });
    const notices: string[] = [];
    const onNotice = (notice: string): void => void notices.push(notice);
    const as = (user: string): string => instance.url.replace('redis://', `redis://${user}:secret-2@`);
    expect(await kinds(await open(as('no-config'), { onNotice }), createOf('g'))).toEqual(['applied']);
    await open(as('no-info'), { onNotice });
    expect(notices).toEqual([
      expect.stringContaining('snapshots at most'),
      expect.stringContaining('does not let us read INFO'),
    ]);
  });

  it('that wants replicas which it has not, or is busy with a script, is waited for, then told of', async () => {
    const instance = await start();
    const store = await open(instance.url, { retryForMs: 200 });
    const patient = await open(instance.url, { retryForMs: 30_000 });
    await store.write([createOf('g')]);
    await withClient(instance.url, async (send) => {
      await send('CONFIG', 'SET', 'min-replicas-to-write', '1');
      const refused = { kind: 'unavailable', message: expect.stringContaining('NOREPLICAS') };
      await expect(store.ping()).rejects.toMatchObject(refused);
      // Before version 7 Redis let scripts write all the same.
      const holdsScripts = !/redis_version:6/.test(String(await send('INFO', 'server')));
      if (holdsScripts) await expect(writeOne(store, commitOf('g', 1))).rejects.toMatchObject(refused);
      if (holdsScripts) expect(await versionOf(store, 'g')).toBe(1);
      await send('CONFIG', 'SET', 'min-replicas-to-write', '0');
      await send('CONFIG', 'SET', 'lua-time-limit', '20');
      const busy = withClient(instance.url, (other) => other('EVAL', 'while true do end', '0')).catch(String);
      await expect.poll(() => send('PING').catch(String)).toContain('BUSY');
      await expect(writeOne(store, commitOf('g', 1))).rejects.toMatchObject({
        message: expect.stringContaining('BUSY'),
      });
      const written = writeOne(patient, commitOf('g', 1));
      await send('SCRIPT', 'KILL');
      expect(await written).toMatchObject({ kind: 'applied', version: 2 });
      expect(await busy).toContain('killed');
    });
  });

  it('in which a script is cut off in the middle keeps whole transactions, and takes the rest again', async () => {
    const instance = await start();
    const store = await open(instance.url, { retryForMs: 0 });
    const items = ['a', 'b', 'c', 'd'].map((gid) => createOf(gid, { head: headOf({ type: gid }) }));
    // The queue that the third one needs is something else: its script ends there, and what it did before stays.
    await withClient(instance.url, (send) => send('SET', '{tandem:0:0}queue:c', 'x'));
    await expect(store.write(items)).rejects.toMatchObject({ message: expect.stringContaining('WRONGTYPE') });
    const found = await store.load(['a', 'b', 'c', 'd'], 'all');
    expect(found.map((one) => one?.body)).toEqual(['body of a', 'body of b', undefined, undefined]);
    expect((await store.scan({}, undefined, 10)).heads.map((head) => head.gid)).toEqual(['b', 'a']);
    await withClient(instance.url, (send) => send('DEL', '{tandem:0:0}queue:c'));
    expect(await kinds(store, ...items)).toEqual(items.map(() => 'applied'));
    const claim = { now: 9, limit: 10, owner: 'a', leaseUntil: 20, token: 'claim' };
    const claimed = (await store.claimDue(claim)).claimed.map((one) => one.head.gid);
    expect(claimed.sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('needs no more rights than the docs say', async () => {
    const instance = await start();
    const rights = ['~{tandem:*', '+@all', '-@admin', '-@dangerous', '+info', '+role'];
    await withClient(instance.url, (send) => send('ACL', 'SETUSER', 'tandem', 'on', '>secret-2', ...rights));
    const store = await open(instance.url.replace('redis://', 'redis://tandem:secret-2@'), { shards: 2 });
    expect(await kinds(store, createOf('g', { head: headOf({ waitsFor: 'http://a', dueAt: 50 }) }))).toEqual([
      'applied',
    ]);
    expect(await store.wake({ waitsFor: 'http://a', dueAfter: 1 }, 2, 10)).toBe(1);
    const claim = { now: 9, limit: 5, owner: 'a', leaseUntil: 20, token: 'claim' };
    expect((await store.claimDue(claim)).claimed).toHaveLength(1);
    expect((await store.scan({}, undefined, 5)).heads).toHaveLength(1);
    expect(await store.putKeyValue('topic', 'k', 'v', 0, 1)).toBe(true);
    expect((await store.scanKeyValues('topic', undefined, 5)).items).toHaveLength(1);
    expect(await store.purge(1, undefined, 5)).toEqual({ purged: 0, nextCursor: undefined });
    await store.ping();
  });

  it('with a password is opened with it, and refused without', async () => {
    const instance = await start('--requirepass', 'sec/ret:3');
    await expect(open(instance.url, { retryForMs: 0 })).rejects.toMatchObject({ kind: 'unavailable' });
    const url = instance.url.replace('redis://', `redis://:${encodeURIComponent('sec/ret:3')}@`);
    expect(await kinds(await open(`${url}/3?prefix=other&shards=2`), createOf('g'))).toEqual(['applied']);
  });

  it('that hangs does not hold up its callers for ever, and serves again when it wakes', async () => {
    const instance = await start();
    const store = await open(instance.url, { replyTimeoutMs: 1_000, retryForMs: 1_500, connectTimeoutMs: 1_000 });
    await store.write([createOf('g')]);
    instance.pause();
    await expect(writeOne(store, commitOf('g', 1))).rejects.toMatchObject({ kind: 'unavailable' });
    instance.resume();
    expect(await writeOne(store, commitOf('g', 1))).toMatchObject({ kind: 'applied', version: 2 });
    expect(await versionOf(store, 'g')).toBe(2);
  });

  it('that hangs while it should let somebody in is given up as well', async () => {
    const instance = await start('--requirepass', 'secret');
    const url = instance.url.replace('redis://', 'redis://:secret@');
    const options = { replyTimeoutMs: 1_000, retryForMs: 1_000, connectTimeoutMs: 1_000 };
    const store = await open(`${url}/1`, options);
    await store.write([createOf('g')]);
    instance.pause();
    await expect(writeOne(store, commitOf('g', 1))).rejects.toMatchObject({ kind: 'unavailable' });
    const failure: unknown = await open(`${url}/1`, options).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no answer within 1000 ms'),
    });
    instance.resume();
    expect(await writeOne(store, commitOf('g', 1))).toMatchObject({ kind: 'applied', version: 2 });
  });

  it('that lacks the replicas which a write waits for does not acknowledge it, and has it all the same', async () => {
    const instance = await start('--repl-diskless-sync-delay', '0');
    const lonely = await open(instance.url, { waitReplicas: 1, waitTimeoutMs: 100 }).catch((error: unknown) => error);
    expect(lonely).toMatchObject({ kind: 'unavailable', message: expect.stringContaining('0 of 1 replicas') });
    const replica = await start('--replicaof', '127.0.0.1', String(instance.port));
    await expect
      .poll(() => withClient(replica.url, (send) => send('INFO', 'replication')))
      .toContain('master_link_status:up');
    const store = await open(`${instance.url}?waitReplicas=1&waitTimeout=1500`);
    // The replica may be busy with something else: who asks again hears that it has the write by now.
    const first = createOf('g');
    await expect.poll(() => store.write([first])).toMatchObject([{ kind: 'applied' }]);
    replica.pause();
    const item = commitOf('g', 1);
    await expect(writeOne(store, item)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await versionOf(store, 'g')).toBe(2);
    // A token that is known is not acknowledged either while the replica lacks the write, not even on a new connection.
    const other = await openRedisStore({ url: instance.url });
    opened.push(other);
    await expect(writeOne(store, item)).rejects.toMatchObject({ kind: 'unavailable' });
    replica.resume();
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'well',
            () => 'ill',
          ),
        { timeout: 20_000 },
      )
      .toBe('well');
    expect(await writeOne(store, item)).toEqual({ kind: 'applied', version: 2, epoch: 0 });
  });
});
