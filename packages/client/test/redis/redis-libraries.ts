/** The libraries that barriers on Redis work through. */
import { ioredisBarriers } from '@tandem/client/ioredis';
import { nodeRedisBarriers } from '@tandem/client/node-redis';
import { Redis } from 'ioredis';
import { createClient, createClientPool } from 'redis';
import type { RedisLibrary } from './redis-setting.js';

export type OpenRedis = (url: string) => Promise<RedisLibrary>;

async function openIoredis(
  url: string,
  options: { keyPrefix?: string; stringNumbers?: boolean } = {},
): Promise<RedisLibrary> {
  const client = new Redis(url, { ...options, lazyConnect: true });
  const plain = new Redis(url, { lazyConnect: true });
  const both = [client, plain];
  for (const one of both) one.on('error', () => undefined);
  await Promise.all(both.map((one) => one.connect()));
  return {
    barriers: (given) => ioredisBarriers(client, given),
    keyPrefix: options.keyPrefix ?? '',
    send: (name, ...args) => plain.call(name, ...args),
    forgetScripts: () => plain.script('FLUSH'),
    close: () => {
      for (const one of both) one.disconnect();
    },
  };
}

export async function openNodeRedis(url: string): Promise<RedisLibrary> {
  const client = createClient({ url });
  client.on('error', () => undefined);
  await client.connect();
  return {
    barriers: (given) => nodeRedisBarriers(client, given),
    keyPrefix: '',
    send: (...words) => client.sendCommand(words),
    forgetScripts: () => client.scriptFlush(),
    close: () => client.destroy(),
  };
}

async function openNodeRedisPool(url: string): Promise<RedisLibrary> {
  const pool = createClientPool({ url });
  pool.on('error', () => undefined);
  await pool.connect();
  return {
    barriers: (given) => nodeRedisBarriers(pool, given),
    keyPrefix: '',
    send: (...words) => pool.sendCommand(words),
    forgetScripts: () => pool.scriptFlush(),
    close: () => pool.destroy(),
  };
}

export const redisLibraries: Readonly<Record<string, OpenRedis>> = {
  ioredis: (url) => openIoredis(url),
  'ioredis with a prefix and numbers as texts': (url) => openIoredis(url, { keyPrefix: 'shop:', stringNumbers: true }),
  'node-redis': openNodeRedis,
  'a pool of node-redis': openNodeRedisPool,
};
