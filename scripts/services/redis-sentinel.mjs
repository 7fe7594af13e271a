import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilRedis } from './ask-redis.mjs';
import { redis } from './redis.mjs';

const masterName = 'main';
const replicas = 2;
const sentinels = 3;
/** After this long without an answer the master counts as down; short, since tests wait for it. */
const downAfterMs = 1_500;
// A replica is served at once, rather than after waiting for others.
const args = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--repl-diskless-sync-delay', '0'];

/** The first member is the master, then its two replicas, then three Sentinels. */
/** @type {import('./start-cluster.mjs').Cluster} */
export const redisSentinel = {
  name: 'redis-sentinel',
  title: 'Redis with Sentinel',
  urlVariable: 'TANDEM_TEST_REDIS_SENTINEL_URL',
  of: redis,

  async assemble(startMember) {
    const master = await startMember({ args });
    for (let index = 0; index < replicas; index++) {
      const replica = await startMember({ args: [...args, '--replicaof', '127.0.0.1', String(master.port)] });
      await untilRedis(replica.port, 'INFO replication', (reply) => /master_link_status:up/.test(reply));
    }
    const watchers = [];
    for (let index = 0; index < sentinels; index++)
      watchers.push(await startMember({ prepare: watching(master.port) }));
    const complete = new RegExp(`slaves=${replicas},sentinels=${sentinels}\\b`);
    for (const { port } of watchers) await untilRedis(port, 'INFO sentinel', (reply) => complete.test(reply));
    return `redis-sentinel://${watchers.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${masterName}`;
  },
};

/** @param {number} masterPort @returns {import('./service.mjs').Service['prepare']} */
function watching(masterPort) {
  return async ({ programs, dataFolder, port, account }) => {
    // A Sentinel keeps what it learns in its own settings.
    const file = join(dataFolder, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dataFolder}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
      `sentinel failover-timeout ${masterName} 6000`,
      '',
    ];
    writeFileSync(file, lines.join('\n'));
    if (account !== undefined) chownSync(file, account.uid, account.gid);
    return {
      command: join(programs.folder, 'redis-server'),
      args: [file, '--sentinel'],
      url: `redis-sentinel://127.0.0.1:${port}/${masterName}`,
      stopSignal: 'SIGTERM',
    };
  };
}
