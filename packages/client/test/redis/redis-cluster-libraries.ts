/** The libraries that barriers on Redis work through, connected to a cluster. */
import { ioredisBarriers } from '@tandem/client/ioredis';
import { nodeRedisBarriers } from '@tandem/client/node-redis';
import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { askRedis } from '../../../../scripts/services/ask-redis.mjs';
import type { RedisLibrary } from './redis-setting.js';

export type OpenRedisCluster = (ports: readonly number[]) => Promise<RedisLibrary>;

const host = '127.0.0.1';

async function forgetOn(ports: readonly number[]): Promise<void> {
  await Promise.all(ports.map((port) => askRedis(port, 'SCRIPT FLUSH').catch(() => undefined)));
}

async function openIoredis(ports: readonly number[], options: { keyPrefix?: string } = {}): Promise<RedisLibrary> {
  const nodes = ports.map((port) => ({ host, port }));
  const [client, plain] = [new Cluster(nodes, options), new Cluster(nodes)];
  for (const one of [client, plain]) one.on('error', () => undefined);
  return {
    barriers: (options) => ioredisBarriers(client, options),
    keyPrefix: options.keyPrefix ?? '',
    send: (name, key, ...more) => plain.call(name, key, ...more),
    forgetScripts: () => forgetOn(ports),
    close: () => {
      client.disconnect();
      plain.disconnect();
    },
  };
}

async function openNodeRedis(ports: readonly number[]): Promise<RedisLibrary> {
  const rootNodes = ports.map((port) => ({ url: `redis://${host}:${port}` }));
  const client = createCluster({ rootNodes });
  client.on('error', () => undefined);
  await client.connect();
  return {
    barriers: (options) => nodeRedisBarriers(client, options),
    keyPrefix: '',
    send: (name, key, ...more) => client.sendCommand(key, false, [name, key, ...more]),
    forgetScripts: () => forgetOn(ports),
    close: () => client.destroy(),
  };
}

export const redisClusterLibraries: Readonly<Record<string, OpenRedisCluster>> = {
  ioredis: (ports) => openIoredis(ports),
  'ioredis with a prefix': (ports) => openIoredis(ports, { keyPrefix: 'shop:' }),
  'node-redis': openNodeRedis,
};
