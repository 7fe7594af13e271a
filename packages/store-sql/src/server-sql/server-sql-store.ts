/**
 * A store on a database server, whichever it is. It owns what is the same everywhere: faults that pass are retried, what is
 * under way is finished before it closes, and nothing is begun after.
 */
import {
  decodePosition,
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
import type { FaultReader } from './fault-reader.js';
import { retryFaults } from './retry-faults.js';
import type { SqlKeyValues } from './sql-key-values.js';

/** What each engine does its own way. Everything rejects with the driver's errors, or with `StoreError`. */
export interface SqlEngine {
  readonly batchLimits: BatchLimits;
  readonly faults: FaultReader;
  readonly writes: Pick<Store, 'write'>;
  readonly reads: Pick<Store, 'load' | 'scan'>;
  readonly claims: Pick<Store, 'claimDue' | 'wake' | 'backlog'>;
  readonly purge: Pick<Store, 'purge'>;
  readonly keyValues: SqlKeyValues;
  migrate(): Promise<void>;
  /** Writes, and answers the engine's clock in UTC ms. */
  ping(): Promise<number>;
  close(): Promise<void>;
}

const repeatable = { isRepeatable: true };
/** A second run could find what the first one did, and would tell its caller that somebody else did it. */
const once = { isRepeatable: false };

/** See the file head. */
export class ServerSqlStore implements Store {
  readonly batchLimits: BatchLimits;
  readonly #engine: SqlEngine;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
    this.batchLimits = engine.batchLimits;
  }

  migrate(): Promise<void> {
    return this.#run(repeatable, (engine) => engine.migrate());
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    if (items.length === 0) return [];
    return this.#run(repeatable, ({ writes }) => writes.write(items));
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    if (gids.length === 0) return [];
    return this.#run(repeatable, ({ reads }) => reads.load(gids, depth));
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.#run(once, ({ claims }) => claims.claimDue(request));
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    // What a caller did wrong is no fault of the store.
    if (cursor !== undefined) decodePosition(cursor);
    return this.#run(repeatable, ({ reads }) => reads.scan(filter, cursor, limit));
  }

  wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#run(once, ({ claims }) => claims.wake(filter, now, limit));
  }

  async purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    if (cursor !== undefined) decodePosition(cursor);
    return this.#run(once, ({ purge }) => purge.purge(finishedBefore, cursor, limit));
  }

  getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#run(repeatable, ({ keyValues }) => keyValues.get(category, key));
  }

  putKeyValue(category: string, key: string, value: string, expectedVersion: number, now: number): Promise<boolean> {
    return this.#run(once, ({ keyValues }) => keyValues.put({ category, key, value }, expectedVersion, now));
  }

  deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#run(once, ({ keyValues }) => keyValues.delete(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#run(repeatable, ({ keyValues }) => keyValues.scan(category, cursor, limit));
  }

  backlog(now: number): Promise<Backlog> {
    return this.#run(repeatable, ({ claims }) => claims.backlog(now));
  }

  async ping(): Promise<{ readonly engineNow: number | undefined }> {
    return { engineNow: await this.#run(repeatable, (engine) => engine.ping()) };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled([...this.#underWay]);
    await this.#engine.close();
  }

  async #run<T>(options: { readonly isRepeatable: boolean }, work: (engine: SqlEngine) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new StoreError('closed', 'the store is closed');
    const running = retryFaults(this.#engine.faults, options, () => work(this.#engine));
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }
}
