/**
 * Barriers on Redis and Valkey by `ioredis`: one server, Sentinel or Cluster.
 *
 * @module
 */
import { RedisBarriers, type RedisBarrierOptions } from './redis/redis-barriers.js';

export type { Adjustment } from './redis/adjustment.js';
export type { RedisBarriers, RedisBarrierOptions, RedisValue, RedisWork } from './redis/redis-barriers.js';

/** What is used of a `Redis` or a `Cluster`. */
export interface IoredisClient {
  /** Of the connection: keys get its prefix. */
  readonly options: { readonly keyPrefix?: string | Uint8Array | undefined };
  /** Runs a script that the server knows. */
  evalsha(sha1: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
  /** Runs a script. */
  eval(lua: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
}

/** Uses this client for barriers. */
export function ioredisBarriers(client: IoredisClient, options?: RedisBarrierOptions): RedisBarriers {
  const { keyPrefix = '' } = client.options;
  const driver = {
    keyPrefix: typeof keyPrefix === 'string' ? keyPrefix : new TextDecoder().decode(keyPrefix),
    runKnown: (sha1: string, keys: readonly string[], args: readonly string[]) =>
      client.evalsha(sha1, keys.length, ...keys, ...args),
    run: (lua: string, keys: readonly string[], args: readonly string[]) =>
      client.eval(lua, keys.length, ...keys, ...args),
  };
  return new RedisBarriers(driver, options);
}
