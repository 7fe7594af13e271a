/**
 * Barriers on Redis and Valkey by node-redis (`redis`, `@redis/client`): a client, a pool, Sentinel or a cluster of it.
 *
 * @module
 */
import { RedisBarriers, type RedisBarrierOptions } from './redis/redis-barriers.js';

export type { Adjustment } from './redis/adjustment.js';
export type { RedisBarriers, RedisBarrierOptions, RedisValue, RedisWork } from './redis/redis-barriers.js';

/** What a script is run with. */
export interface ScriptCall {
  /** All of one slot. */
  readonly keys: string[];
  /** Everything else. */
  readonly arguments: string[];
}

/** What is used of what `createClient`, `createClientPool`, `createSentinel` and `createCluster` make. */
export interface NodeRedisClient {
  /** Runs a script that the server knows. */
  evalSha(sha1: string, call: ScriptCall): Promise<unknown>;
  /** Runs a script. */
  eval(lua: string, call: ScriptCall): Promise<unknown>;
}

/** Uses this client for barriers. */
export function nodeRedisBarriers(client: NodeRedisClient, options?: RedisBarrierOptions): RedisBarriers {
  const driver = {
    keyPrefix: '',
    runKnown: (sha1: string, keys: readonly string[], args: readonly string[]) =>
      client.evalSha(sha1, { keys: [...keys], arguments: [...args] }),
    run: (lua: string, keys: readonly string[], args: readonly string[]) =>
      client.eval(lua, { keys: [...keys], arguments: [...args] }),
  };
  return new RedisBarriers(driver, options);
}
