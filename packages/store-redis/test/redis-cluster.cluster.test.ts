import { MemoryStore } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { describe, expect, it } from 'vitest';
import { askRedis, untilRedis } from '../../../scripts/services/ask-redis.mjs';
import { FailoverLoad } from './failover-load.js';
import { clusterOfTests } from './open-clusters.js';
import { shardsOf } from '../src/layout/shard.js';
import { commitOf, createOf, hasPrograms, headOf, newPrefix, withClient } from './test-redis.js';

describe.skipIf(!hasPrograms)('Redis Cluster with three masters (needs the programs of redis)', () => {
  const ours = clusterOfTests('redis-cluster');

  async function portsOf(role: 'master' | 'slave'): Promise<readonly number[]> {
    const found: number[] = [];
    for (const { port } of ours.cluster.members) {
      const info = await askRedis(port, 'INFO replication').catch(() => '');
      if (info.includes(`role:${role}`)) found.push(port);
    }
    return found;
  }

  /** Until every node sees the cluster whole, with three masters that have a replica each. */
  async function untilWhole(): Promise<void> {
    for (const { port } of ours.cluster.members) {
      await untilRedis(port, 'CLUSTER INFO', (reply) => reply.includes('cluster_state:ok'));
    }
    await expect.poll(() => portsOf('master')).toHaveLength(3);
    for (const port of await portsOf('master')) {
      await untilRedis(port, 'INFO replication', (reply) => /slave0:.*state=online/.test(reply));
    }
  }

  it('spreads the shards evenly over the masters', async () => {
    const store = await ours.open();
    expect(store.shardCount).toBe(16);
    const gids = Array.from({ length: 1_600 }, (_, index) => `g${index}`);
    await store.write(gids.map((gid) => createOf(gid)));
    const sizes: number[] = [];
    for (const port of await portsOf('master')) {
      const info = await askRedis(port, 'INFO keyspace');
      sizes.push(Number(/keys=(\d+)/.exec(info)?.[1] ?? 0));
    }
    expect(Math.min(...sizes)).toBeGreaterThan(400);
  });

  it('a node of it that is opened as if it were alone says how a cluster is opened', async () => {
    const [member] = ours.cluster.members;
    await expect(ours.open({ url: member?.url ?? '', shards: 16 })).rejects.toMatchObject({
      message: expect.stringContaining('redis-cluster://'),
    });
  });

  it('a master that may throw keys away is refused', async () => {
    const [port = 0] = await portsOf('master');
    await askRedis(port, 'CONFIG SET maxmemory-policy allkeys-lru');
    try {
      await expect(ours.open()).rejects.toMatchObject({ kind: 'incompatible' });
    } finally {
      await askRedis(port, 'CONFIG SET maxmemory-policy noeviction');
    }
  });

  it.each(storeContract)('$name', async ({ run }) => {
    const store = await ours.open();
    await store.migrate();
    await run(store);
  });

  it.each([1, 2, 3, 4])('answers like the memory store, seed %i', async (seed) => {
    await compareStores(new MemoryStore(), await ours.open(), { seed, steps: 300 });
  });

  it('slots that move while transactions are written lose nothing, and writes go on', async () => {
    const prefix = newPrefix();
    const store = await ours.open({ prefix });
    const load = new FailoverLoad(store, 'moving');
    await load.more(300);
    const [from = 0, to = 0] = await portsOf('master');
    const owned = shardsOf(prefix, store.shardCount).map((shard) => shard.slot);
    const slots = await slotsOn(from, owned);
    expect(slots.length).toBeGreaterThan(2);
    const errorsBefore = await errorsOf(from);
    for (const slot of slots) {
      const move = await beginMove(from, to, slot);
      await move.keys(() => true);
      await move.end();
      await load.more(50);
    }
    await load.end();
    expect(load.setBack).toEqual([]);
    expect(await load.lost(store)).toEqual([]);
    expect(await slotsOn(from, owned)).toEqual([]);
    // The load did meet slots that were under way, and slots that had gone.
    const errors = await errorsOf(from);
    expect(errors.moved).toBeGreaterThan(errorsBefore.moved);
    expect(errors.underWay).toBeGreaterThan(errorsBefore.underWay);
  });

  it.each([
    ['indexes', (key: string): boolean => !key.includes('}tx:')],
    ['transactions', (key: string): boolean => key.includes('}tx:')],
  ])('a slot of which only the %s have moved makes nobody take the rest for gone', async (_, isFirst) => {
    const prefix = newPrefix();
    const store = await ours.open({ prefix, shards: 1, retryForMs: 100 });
    const slot = shardsOf(prefix, 1)[0]?.slot ?? 0;
    const later = headOf({ dueAt: 500, waitsFor: 'http://a' });
    const finished = headOf({ dueAt: undefined, finishedAt: 5 });
    await store.write([createOf('due'), createOf('later', { head: later }), createOf('old', { head: finished })]);
    const masters = await portsOf('master');
    const onSlot = await Promise.all(masters.map((port) => slotsOn(port, [slot])));
    const from = masters.find((_, at) => onSlot[at]?.length === 1) ?? 0;
    const to = masters.find((port) => port !== from) ?? 0;
    const move = await beginMove(from, to, slot);
    await move.keys(isFirst);
    // They may fail as long as it lasts; what they may not do is mend an index by half of what there is.
    const claim = { now: 100, limit: 10, owner: 'a', leaseUntil: 900, token: 'claim' };
    const meanwhile = await Promise.allSettled([
      store.claimDue(claim),
      store.wake({ waitsFor: 'http://a', dueAfter: 0 }, 0, 10),
      store.wake({ dueAfter: 400 }, 0, 10),
      store.scan({}, undefined, 10),
      store.purge(10, undefined, 10),
      store.write([commitOf('due', 1), createOf('new')]),
    ]);
    for (const one of meanwhile)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ kind: 'unavailable' });
    await move.keys(() => true);
    await move.end();
    expect((await store.scan({}, undefined, 10)).heads.map((head) => head.gid).sort()).toEqual(['due', 'later', 'old']);
    expect((await store.claimDue(claim)).claimed.map((one) => one.head.gid)).toEqual(['due']);
    expect(await store.wake({ waitsFor: 'http://a', dueAfter: 0 }, 0, 10)).toBe(1);
    expect(await store.purge(10, undefined, 10)).toEqual({ purged: 1, nextCursor: undefined });
  });

  it('a master that is killed is replaced; with WAIT nothing that was acknowledged is lost', async () => {
    await untilWhole();
    const store = await ours.open({ waitReplicas: 1, waitTimeoutMs: 1_000 });
    const load = new FailoverLoad(store, 'waited');
    await load.more(500);
    const [victim = 0] = await portsOf('master');
    const member = ours.cluster.members.find((one) => one.port === victim);
    await member?.kill();
    await expect.poll(() => portsOf('master')).toHaveLength(3);
    expect(await portsOf('master')).not.toContain(victim);
    // The new master has no replica to wait for before the old one is back.
    await member?.start();
    await load.more(500);
    await load.end();
    console.log(`cluster failover with WAIT: no acknowledgement for ${Math.round(load.longestPauseMs)} ms at most`);
    expect(load.setBack).toEqual([]);
    expect(await load.lost(store)).toEqual([]);
  });

  it('a master that is killed is replaced without WAIT too, and writes go on', async () => {
    await untilWhole();
    const store = await ours.open();
    const load = new FailoverLoad(store, 'unwaited');
    await load.more(500);
    const before = await portsOf('master');
    const member = ours.cluster.members.find((one) => one.port === before[1]);
    await member?.kill();
    await load.more(1_000);
    await load.end();
    const lost = await load.lost(store);
    console.log(
      `cluster failover without WAIT: ${lost.length} of ${load.acknowledged.size} lost, ` +
        `no acknowledgement for ${Math.round(load.longestPauseMs)} ms at most`,
    );
    // Some of the last ones may be lost; most are not.
    expect(lost.length).toBeLessThan(load.acknowledged.size / 10);
    await member?.start();
    await untilWhole();
  });
});

/** How often a node sent somebody elsewhere for good, and how often because of a slot that was under way. */
async function errorsOf(port: number): Promise<{ readonly moved: number; readonly underWay: number }> {
  const info = await askRedis(port, 'INFO errorstats');
  const count = (name: string): number => Number(new RegExp(`errorstat_${name}:count=(\\d+)`).exec(info)?.[1] ?? 0);
  return { moved: count('MOVED'), underWay: count('ASK') + count('TRYAGAIN') };
}

/** Those of the slots that hold keys of this node. */
async function slotsOn(port: number, slots: readonly number[]): Promise<readonly number[]> {
  return withClient(`redis://127.0.0.1:${port}`, async (send) => {
    const counts = await Promise.all(slots.map((slot) => send('CLUSTER', 'COUNTKEYSINSLOT', String(slot))));
    return slots.filter((_, at) => Number(counts[at]) > 0);
  });
}

/** Begins to move a slot between masters: `keys` moves those that are chosen, `end` tells both that it is done. */
async function beginMove(
  from: number,
  to: number,
  slot: number,
): Promise<{ keys(isChosen: (key: string) => boolean): Promise<void>; end(): Promise<void> }> {
  const [fromId, toId] = await Promise.all([from, to].map((port) => askRedis(port, 'CLUSTER MYID')));
  await askRedis(to, `CLUSTER SETSLOT ${slot} IMPORTING ${fromId}`);
  await askRedis(from, `CLUSTER SETSLOT ${slot} MIGRATING ${toId}`);
  return {
    keys: (isChosen) =>
      withClient(`redis://127.0.0.1:${from}`, async (send) => {
        const keys = ((await send('CLUSTER', 'GETKEYSINSLOT', String(slot), '100000')) as string[]).filter(isChosen);
        for (let at = 0; at < keys.length; at += 20) {
          await send('MIGRATE', '127.0.0.1', String(to), '', '0', '5000', 'KEYS', ...keys.slice(at, at + 20));
        }
      }),
    end: async () => {
      for (const port of [to, from]) await askRedis(port, `CLUSTER SETSLOT ${slot} NODE ${toId}`);
    },
  };
}
