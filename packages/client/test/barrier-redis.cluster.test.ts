/** Barriers on a Redis Cluster of three masters, while one of them is killed. */
import { newGid } from '@tandem/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askRedis, untilRedis } from '../../../scripts/services/ask-redis.mjs';
import { openCluster, type ClusterInstance } from '../../../scripts/services/cluster-instance.mjs';
import { adjustCases } from './redis/adjust-cases.js';
import { saga } from './redis/branch-calls.js';
import { messageCases } from './redis/message-cases.js';
import { redisClusterLibraries } from './redis/redis-cluster-libraries.js';
import { settingOf, type RedisLibrary } from './redis/redis-setting.js';
import { scriptCases } from './redis/script-cases.js';
import { StockLoad } from './redis/stock-load.js';

const hasPrograms = (process.env['TANDEM_TEST_REDIS_PROGRAMS'] ?? '') !== '';

describe.skipIf(!hasPrograms)('barriers on a Redis Cluster (needs the programs of redis)', () => {
  let cluster: ClusterInstance;
  const ports = () => cluster.members.map(({ port }) => port);
  beforeAll(async () => {
    cluster = await openCluster('redis-cluster');
  });
  afterAll(() => cluster.close());

  const saying = async (text: string) => {
    const told = await Promise.all(ports().map((port) => askRedis(port, 'INFO replication').catch(() => '')));
    return ports().filter((_, at) => told[at]?.includes(text));
  };
  const masters = () => saying('role:master');
  const masterOf = async (key: string) => {
    const all = await masters();
    const told = await Promise.all(all.map((port) => askRedis(port, `EXISTS ${key}`).catch(() => 'elsewhere')));
    return all.find((_, at) => told[at] === '1') ?? 0;
  };
  const untilWhole = async () => {
    for (const port of ports()) await untilRedis(port, 'CLUSTER INFO', (reply) => reply.includes('cluster_state:ok'));
    await expect.poll(masters).toHaveLength(3);
    for (const port of await masters()) {
      await untilRedis(port, 'INFO replication', (reply) => /slave0:.*state=online/.test(reply));
    }
  };

  describe.each(Object.entries(redisClusterLibraries))('by %s', (_, open) => {
    let library: RedisLibrary;
    beforeAll(async () => {
      library = await open(ports());
    });
    afterAll(() => library.close());

    describe('a number', () => adjustCases(() => settingOf(library)));
    describe('a script', () => scriptCases(() => settingOf(library)));
    describe('the local work of a message', () => messageCases(() => settingOf(library)));

    test('keys of several slots in one script are refused by the cluster', async () => {
      const work = library.barriers().script(saga(newGid(), 'action'), { lua: 'return 1', keys: ['a', 'b'] });
      await expect(work).rejects.toThrow(/slot/i);
    });

    test('a master is killed and replaced: mark and change agree, and all that is undone adds up', async () => {
      await untilWhole();
      const load = await StockLoad.start(settingOf(library), { keys: 12, workers: 24 });
      await load.more(500);
      const port = await masterOf(library.keyPrefix + (load.keys[0] ?? ''));
      const [replica = 0] = await saying(`master_port:${port}`);
      // What the master does from here on, its replica does not learn before it takes over, however long ago it heard of it.
      await askRedis(replica, 'CONFIG SET cluster-replica-validity-factor 0');
      await askRedis(replica, 'CONFIG SET masterauth wrong');
      await askRedis(replica, 'CLIENT KILL TYPE master');
      await load.more(500);
      await untilRedis(replica, 'INFO replication', (reply) => reply.includes('master_link_status:down'));
      const victim = cluster.members.find((member) => member.port === port);
      await victim?.kill();
      await expect.poll(masters).toHaveLength(3);
      expect(await masters()).toContain(replica);
      await load.more(500);
      await askRedis(replica, 'CONFIG SET masterauth ""');
      await victim?.start();
      await untilWhole();
      await load.end();
      const lost = await load.lost();
      expect(lost).toBeGreaterThan(10);
      console.log(`failover: ${lost} of ${load.answered.size} lost, with their marks`);
      await load.undoAll();
    });
  });
});
