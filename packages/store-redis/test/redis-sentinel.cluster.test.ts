import { describe, expect, it } from 'vitest';
import { askRedis } from '../../../scripts/services/ask-redis.mjs';
import { FailoverLoad } from './failover-load.js';
import { clusterOfTests } from './open-clusters.js';
import { hasPrograms } from './test-redis.js';

describe.skipIf(!hasPrograms)('Redis with Sentinel (needs the programs of redis)', () => {
  const ours = clusterOfTests('redis-sentinel');

  /** The master, when both replicas follow it: one that has not caught up must not be the one that is left. */
  async function master() {
    const nodes = ours.cluster.members.slice(0, 3);
    const told = () => Promise.all(nodes.map(({ port }) => askRedis(port, 'INFO replication').catch(() => '')));
    const isWhole = (info: string) => info.includes('role:master') && info.split('state=online').length === 3;
    await expect.poll(async () => (await told()).filter(isWhole), { timeout: 120_000 }).toHaveLength(1);
    const infos = await told();
    const found = nodes.find((_, at) => isWhole(infos[at] ?? ''));
    if (found === undefined) throw new Error(`no master has both replicas: ${infos.join('\n')}`);
    return found;
  }

  it('a master that is killed is replaced; with WAIT nothing that was acknowledged is lost', async () => {
    const store = await ours.open({ waitReplicas: 1, waitTimeoutMs: 1_000 });
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
    await expect.poll(() => askRedis(victim.port, 'INFO replication'), { timeout: 120_000 }).toContain('role:slave');
  });

  it('a master that hangs is replaced, and what it says when it wakes changes nothing', async () => {
    const store = await ours.open({ replyTimeoutMs: 1_000, waitReplicas: 1 });
    const load = new FailoverLoad(store, 'hung');
    await load.more(500);
    const victim = await master();
    victim.pause();
    await load.more(500);
    victim.resume();
    await load.more(500);
    await load.end();
    expect(load.setBack).toEqual([]);
    await expect.poll(() => askRedis(victim.port, 'INFO replication'), { timeout: 120_000 }).toContain('role:slave');
    expect(await load.lost(store)).toEqual([]);
  });

  it('a Sentinel that is gone is not needed while others are there', async () => {
    await ours.cluster.members[3]?.kill();
    const store = await ours.open();
    await store.ping();
    await ours.cluster.members[3]?.start();
  });

  it('a name that no Sentinel knows is told as such', async () => {
    const url = ours.cluster.url.replace('/main', '/other');
    await expect(ours.open({ url, retryForMs: 0 })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('knows no master "other"'),
    });
  });
});
