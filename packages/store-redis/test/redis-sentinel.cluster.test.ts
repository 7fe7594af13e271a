import { openRedisStore, type RedisStore, type RedisStoreOptions } from '@tandem/store-redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openCluster, type ClusterInstance } from '../../../scripts/services/cluster-instance.mjs';
import { askRedis } from '../../../scripts/services/ask-redis.mjs';
import { FailoverLoad } from './failover-load.js';
import { hasPrograms, newPrefix } from './test-redis.js';

let cluster: ClusterInstance;
const opened: RedisStore[] = [];

async function open(options: Partial<RedisStoreOptions> = {}): Promise<RedisStore> {
  const store = await openRedisStore({ url: cluster.url, prefix: newPrefix(), ...options });
  opened.push(store);
  return store;
}

async function master() {
  for (const member of cluster.members.slice(0, 3)) {
    const info = await askRedis(member.port, 'INFO replication').catch(() => '');
    if (info.includes('role:master') && /connected_slaves:[12]/.test(info)) return member;
  }
  throw new Error('no master has a replica');
}

describe.skipIf(!hasPrograms)('Redis with Sentinel (needs the programs of redis)', () => {
  beforeAll(async () => {
    cluster = await openCluster('redis-sentinel');
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });

  afterAll(async () => {
    await cluster.close();
  });

  it('a master that is killed is replaced; with WAIT nothing that was acknowledged is lost', async () => {
    const store = await open({ waitReplicas: 1, waitTimeoutMs: 1_000 });
    const load = new FailoverLoad(store, 'waited');
    await load.more(500);
    const victim = await master();
    await victim.kill();
    await load.more(500);
    await load.end();
    console.log(`Sentinel failover with WAIT: no acknowledgement for ${Math.round(load.longestPauseMs)} ms at most`);
    expect(load.setBack).toEqual([]);
    expect(await load.lost(store)).toEqual([]);
    await victim.start();
    await expect.poll(() => askRedis(victim.port, 'INFO replication'), { timeout: 60_000 }).toContain('role:slave');
  });

  it('a master that hangs is replaced, and what it says when it wakes changes nothing', async () => {
    const store = await open({ replyTimeoutMs: 1_000, waitReplicas: 1 });
    const load = new FailoverLoad(store, 'hung');
    await load.more(500);
    const victim = await master();
    victim.pause();
    await load.more(500);
    victim.resume();
    await load.more(500);
    await load.end();
    expect(load.setBack).toEqual([]);
    await expect.poll(() => askRedis(victim.port, 'INFO replication'), { timeout: 60_000 }).toContain('role:slave');
    expect(await load.lost(store)).toEqual([]);
  });

  it('a Sentinel that is gone is not needed while others are there', async () => {
    await cluster.members[3]?.kill();
    const store = await open();
    await store.ping();
    await cluster.members[3]?.start();
  });

  it('a name that no Sentinel knows is told as such', async () => {
    const url = cluster.url.replace('/main', '/other');
    await expect(open({ url, retryForMs: 0 })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('knows no master "other"'),
    });
  });
});
