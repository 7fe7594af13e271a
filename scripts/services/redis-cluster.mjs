import { freePort } from '../processes/free-port.mjs';
import { askRedis, untilRedis } from './ask-redis.mjs';
import { redis } from './redis.mjs';

const slots = 16_384;
const masters = 3;
/** After this long without an answer a node counts as down, and its replica takes over; short, since tests wait for it. */
const nodeTimeoutMs = 2_000;
const meetLimitMs = 10_000;
const meetTries = 10;
const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec'];
/** A replica is served at once, rather than after waiting for others. */
const noDelay = ['--repl-diskless-sync-delay', '0'];
const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs), ...durable, ...noDelay];

/** Three masters with a third of the slots each; the next three members are their replicas, in the same order. */
/** @type {import('./start-cluster.mjs').Cluster} */
export const redisCluster = {
  name: 'redis-cluster',
  title: 'Redis Cluster',
  urlVariable: 'TANDEM_TEST_REDIS_CLUSTER_URL',
  of: redis,

  async assemble(startMember) {
    /** @type {number[]} */
    const ports = [];
    // The usual port of the bus, 10,000 above the other, may not exist.
    /** @type {number[]} */
    const busPorts = [];
    for (let index = 0; index < 2 * masters; index++) {
      const busPort = await freePort();
      const { port } = await startMember({ args: [...args, '--cluster-port', String(busPort)] });
      ports.push(port);
      busPorts.push(busPort);
    }
    const [first = 0, ...others] = ports;
    // Each with an epoch of its own, or two of them would first have to settle who gives way.
    for (const [index, port] of ports.entries()) {
      await askRedis(port, `CLUSTER SET-CONFIG-EPOCH ${index + 1}`);
      if (index < masters) await askRedis(port, `CLUSTER ADDSLOTS ${slotsOf(index).join(' ')}`);
    }
    await untilAllMet(ports, async () => {
      for (const port of others) await askRedis(port, `CLUSTER MEET 127.0.0.1 ${first} ${busPorts[0]}`);
    });
    for (let index = 0; index < masters; index++) {
      const id = await askRedis(ports[index] ?? 0, 'CLUSTER MYID');
      await untilRedis(ports[masters + index] ?? 0, `CLUSTER REPLICATE ${id}`, (reply) => reply === 'OK');
    }
    for (const port of ports) await untilRedis(port, 'CLUSTER INFO', (reply) => /cluster_state:ok/.test(reply));
    for (const port of ports.slice(masters)) {
      await untilRedis(port, 'INFO replication', (reply) => /master_link_status:up/.test(reply));
    }
    return `redis-cluster://${ports
      .slice(0, masters)
      .map((port) => `127.0.0.1:${port}`)
      .join(',')}`;
  },
};

/**
 * Nodes that did not shake hands within the node timeout, on a machine that does other things too, have forgotten each other again.
 * @param {readonly number[]} ports
 * @param {() => Promise<void>} meet
 */
async function untilAllMet(ports, meet) {
  const knowAll = new RegExp(`cluster_known_nodes:${ports.length}\\b`);
  for (let tries = 1; ; tries += 1) {
    await meet();
    try {
      for (const port of ports) await untilRedis(port, 'CLUSTER INFO', (reply) => knowAll.test(reply), meetLimitMs);
      return;
    } catch (error) {
      if (tries === meetTries) throw error;
    }
  }
}

/** @param {number} index of a master */
function slotsOf(index) {
  const from = Math.round((index * slots) / masters);
  const before = Math.round(((index + 1) * slots) / masters);
  return Array.from({ length: before - from }, (_, at) => from + at);
}
