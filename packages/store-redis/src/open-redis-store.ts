import { StoreError, type BatchLimits } from '@tandem/store';
import { ClusterNodes } from './engine/cluster-nodes.js';
import { Connections } from './engine/connections.js';
import { checkNode } from './engine/node-checks.js';
import type { ConnectionOptions, RedisConnection } from './engine/redis-connection.js';
import { SentinelNodes } from './engine/sentinel-nodes.js';
import { ShardCalls } from './engine/shard-calls.js';
import { SingleNode } from './engine/single-node.js';
import type { Topology } from './engine/topology.js';
import { shardsOf } from './layout/shard.js';
import { RedisStore } from './redis-store.js';
import { parseRedisUrl, type RedisUrl } from './redis-url.js';
import { scripts } from './scripts/index.js';
import { settleShards } from './store-meta.js';
import type { WriteLimits } from './verbs/redis-writes.js';

/** All but the URL have defaults. What is set here goes before what the URL says. */
export interface RedisStoreOptions {
  /** redis://, redis-sentinel:// or redis-cluster://, with TLS rediss://...; see docs/stores/redis.md. */
  readonly url: string;
  /** What all keys begin with, in braces; default `tandem`. No braces in it. */
  readonly prefix?: string;
  /** In how many parts a new store is cut, from 1 to 1,024; fixed from then on. Default: see docs/stores/redis.md. */
  readonly shards?: number;
  /** How many replicas must have a write before it is acknowledged; default 0. */
  readonly waitReplicas?: number;
  /** How long to wait for them; default 1,000 ms. */
  readonly waitTimeoutMs?: number;
  /** Accept a maxmemory-policy that evicts keys with a time to live only; default false. */
  readonly allowVolatileEviction?: boolean;
  /** How long a call that meets a failover, a start or a moving slot is tried again before it fails; default 1,500 ms. */
  readonly retryForMs?: number;
  readonly connectTimeoutMs?: number;
  /** How long an answer may take before the connection is given up; default 5,000 ms. */
  readonly replyTimeoutMs?: number;
  readonly batchLimits?: Partial<BatchLimits>;
  readonly writeLimits?: Partial<WriteLimits>;
  /** Told in one line what an operator should know, say that nothing outlives a restart of Redis; default: nobody. */
  readonly onNotice?: (notice: string) => void;
}

const usualShards = { single: 1, sentinel: 1, cluster: 16 } as const;
const usualPrefix = 'tandem';
const shardsMax = 1_024;
const batchLimits: BatchLimits = { itemsMax: 256, bytesMax: 4 << 20, batchesMax: 2 };
const writeLimits: WriteLimits = { itemBytesMax: 64 << 20, runItemsMax: 128, runBytesMax: 2 << 20 };

/**
 * Opens (or creates) the store that the URL names. Rejects with `StoreError`: `unavailable` where no node answers or lets us
 * in; `incompatible` where the URL is wrong, the engine too old or set to throw data away, or the store has another number of
 * shards. No message holds a password.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const url = parseRedisUrl(options.url);
  const prefix = checkedPrefix(options.prefix ?? url.prefix ?? usualPrefix);
  const wished = checkedShards(options.shards ?? url.shards);
  const calls = new ShardCalls(
    topologyFor(url, options),
    {
      waitReplicas: options.waitReplicas ?? url.waitReplicas ?? 0,
      waitTimeoutMs: waitTimeoutOf(options, url),
      retryForMs: options.retryForMs ?? 1_500,
    },
    loadScripts,
  );
  try {
    const shards = await settleShards(calls, prefix, { wished, usual: usualShards[url.place.kind] });
    // Every master is looked at now, rather than when the first transaction gets there.
    await Promise.all(shardsOf(prefix, shards).map((shard) => calls.read(shard, [['EXISTS', shard.beat]])));
    return new RedisStore(calls, {
      ...{ prefix, shards },
      batchLimits: { ...batchLimits, ...options.batchLimits },
      writeLimits: { ...writeLimits, ...options.writeLimits },
    });
  } catch (error) {
    await calls.close();
    throw error;
  }
}

function topologyFor(url: RedisUrl, options: RedisStoreOptions): Topology {
  const connection: ConnectionOptions = {
    username: url.username,
    password: url.password,
    database: url.database,
    tls: url.tls,
    connectTimeoutMs: options.connectTimeoutMs ?? 2_000,
    // While it waits for replicas, a node answers nothing else on the connection.
    replyTimeoutMs: (options.replyTimeoutMs ?? 5_000) + waitTimeoutOf(options, url),
  };
  const checks = {
    allowVolatileEviction: options.allowVolatileEviction ?? url.allowVolatileEviction ?? false,
    onNotice: options.onNotice ?? ((): void => undefined),
  };
  const connections = new Connections(connection, async (opened) => {
    await Promise.all([checkNode(opened, checks), loadScripts(opened)]);
  });
  const { place } = url;
  switch (place.kind) {
    case 'single':
      return new SingleNode(place.address, connections);
    case 'cluster':
      return new ClusterNodes(place.seeds, connections);
    case 'sentinel': {
      const login = { username: url.sentinelUsername, password: url.sentinelPassword, database: 0 };
      return new SentinelNodes(
        place,
        connections,
        new Connections({ ...connection, ...login }, () => Promise.resolve()),
      );
    }
  }
}

async function loadScripts(connection: RedisConnection): Promise<void> {
  await Promise.all(scripts.map((script) => connection.send(['SCRIPT', 'LOAD', script.text])));
}

function waitTimeoutOf(options: RedisStoreOptions, url: RedisUrl): number {
  if ((options.waitReplicas ?? url.waitReplicas ?? 0) === 0) return 0;
  // WAIT 0 would wait for ever.
  return Math.max(1, options.waitTimeoutMs ?? url.waitTimeoutMs ?? 1_000);
}

function checkedPrefix(prefix: string): string {
  if (prefix !== '' && prefix.length <= 64 && !/[{}\s]/.test(prefix)) return prefix;
  throw new StoreError('incompatible', 'the prefix of a Redis store has 1 to 64 characters, no braces and no spaces');
}

function checkedShards(shards: number | undefined): number | undefined {
  if (shards === undefined || (Number.isInteger(shards) && shards >= 1 && shards <= shardsMax)) return shards;
  throw new StoreError('incompatible', `a Redis store has 1 to ${shardsMax} shards`);
}
