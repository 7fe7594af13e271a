/**
 * The store on Redis or Valkey.
 *
 * R1. One transaction is one hash, changed by one script; its shard's indexes change in the same script.
 * R2. No key has a time to live: what is finished goes by `purge`, what is not stays.
 * R3. All keys begin with the prefix in braces; others may share the server.
 */
import {
  StoreError,
  type Backlog,
  type BatchLimits,
  type ClaimRequest,
  type ClaimResult,
  type KeyValue,
  type KeyValuePage,
  type LoadDepth,
  type PurgeResult,
  type ScanFilter,
  type ScanPage,
  type Store,
  type StoredTransaction,
  type WakeFilter,
  type WriteItem,
  type WriteResult,
} from '@tandem/store';
import type { ShardCalls } from './engine/shard-calls.js';
import { shardsOf, type Shard } from './layout/shard.js';
import { settleShards } from './store-meta.js';
import { RedisClaims } from './verbs/redis-claims.js';
import { RedisKeyValues } from './verbs/redis-key-values.js';
import { RedisListing } from './verbs/redis-listing.js';
import { RedisPurge } from './verbs/redis-purge.js';
import { RedisReads } from './verbs/redis-reads.js';
import { RedisWakes } from './verbs/redis-wakes.js';
import { RedisWrites, type WriteLimits } from './verbs/redis-writes.js';

/** What a ping writes after the server was full: as much as a batch of usual size. */
const probeBytes = 256 << 10;

export interface RedisStoreParts {
  readonly prefix: string;
  /** As many as the store was created with. */
  readonly shards: number;
  readonly batchLimits: BatchLimits;
  readonly writeLimits: WriteLimits;
}

/** See the file head. Opened by `openRedisStore`. */
export class RedisStore implements Store {
  readonly batchLimits: BatchLimits;
  readonly #calls: ShardCalls;
  readonly #prefix: string;
  readonly #shards: readonly Shard[];
  readonly #writes: RedisWrites;
  readonly #reads: RedisReads;
  readonly #listing: RedisListing;
  readonly #claims: RedisClaims;
  readonly #wakes: RedisWakes;
  readonly #purge: RedisPurge;
  readonly #keyValues: RedisKeyValues;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  #wasFull = false;

  constructor(calls: ShardCalls, parts: RedisStoreParts) {
    const shards = shardsOf(parts.prefix, parts.shards);
    const [first] = shards;
    if (first === undefined) throw new StoreError('incompatible', 'a store has at least one shard');
    this.batchLimits = parts.batchLimits;
    this.#calls = calls;
    this.#prefix = parts.prefix;
    this.#shards = shards;
    this.#writes = new RedisWrites(calls, shards, parts.writeLimits);
    this.#reads = new RedisReads(calls, shards);
    this.#listing = new RedisListing(calls, shards);
    this.#claims = new RedisClaims(calls, shards);
    this.#wakes = new RedisWakes(calls, shards);
    this.#purge = new RedisPurge(calls, shards);
    this.#keyValues = new RedisKeyValues(calls, first);
  }

  /** How many shards it was created with. */
  get shardCount(): number {
    return this.#shards.length;
  }

  migrate(): Promise<void> {
    const shards = this.#shards.length;
    return this.#call(async () => {
      await settleShards(this.#calls, this.#prefix, { wished: shards, usual: shards });
    });
  }

  write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#call(async () => {
      try {
        return await this.#writes.write(items);
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'full') this.#wasFull = true;
        throw error;
      }
    });
  }

  load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    return this.#call(() => this.#reads.load(gids, depth));
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.#call(() => this.#claims.claimDue(request));
  }

  scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#call(() => this.#listing.scan(filter, cursor, limit));
  }

  wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#call(() => this.#wakes.wake(filter, now, limit));
  }

  purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    return this.#call(() => this.#purge.purge(finishedBefore, cursor, limit));
  }

  getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#call(() => this.#keyValues.get(category, key));
  }

  putKeyValue(category: string, key: string, value: string, expectedVersion: number, now: number): Promise<boolean> {
    return this.#call(() => this.#keyValues.put({ category, key, value }, expectedVersion, now));
  }

  deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#call(() => this.#keyValues.delete(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#call(() => this.#keyValues.scan(category, cursor, limit));
  }

  backlog(now: number): Promise<Backlog> {
    return this.#call(() => this.#reads.backlog(now));
  }

  /**
   * Writes to every shard, as durable as other writes, so that a master that is full, gone or alone is noticed. After it was
   * full it writes as much as a batch: a server that has no room for that may have some for a word.
   */
  ping(): Promise<{ readonly engineNow: number | undefined }> {
    return this.#call(async () => {
      const values = this.#wasFull ? ['x'.repeat(probeBytes), '1'] : ['1'];
      const replies = await Promise.all(
        this.#shards.map(({ beat, slot }) => {
          const sets = values.map((value) => ['SET', beat, value]);
          return this.#calls.write({ slot }, [...sets, ['TIME']]);
        }),
      );
      this.#wasFull = false;
      // Of one node, so that the clocks of several are not mixed.
      const time = replies[0]?.at(-1);
      const [seconds, microseconds] = Array.isArray(time) ? time.map(Number) : [];
      if (seconds === undefined || microseconds === undefined) return { engineNow: undefined };
      return { engineNow: seconds * 1000 + Math.floor(microseconds / 1000) };
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#calls.endRetries();
    await Promise.allSettled(this.#underWay);
    await this.#calls.close();
  }

  #call<T>(run: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(new StoreError('closed', 'the store is closed'));
    const call = run();
    this.#underWay.add(call);
    const forget = (): void => void this.#underWay.delete(call);
    call.then(forget, forget);
    return call;
  }
}
