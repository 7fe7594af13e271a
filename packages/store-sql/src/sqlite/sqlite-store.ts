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
import type { EngineHost } from './engine-host.js';

/** What the store did since it was opened. */
export interface SqliteCounts {
  /** Items that were created or committed. */
  readonly commits: number;
  /** Batches that were written; each is one transaction and one sync. */
  readonly batches: number;
}

/** The embedded store. `openSqliteStore` makes one. */
export class SqliteStore implements Store {
  /** One file has one writer: a second batch under way would only wait inside the engine. */
  readonly batchLimits: BatchLimits = { itemsMax: 256, bytesMax: 8 << 20, batchesMax: 1 };
  readonly #host: EngineHost;
  #commits = 0;
  #batches = 0;
  #isClosed = false;

  constructor(host: EngineHost) {
    this.#host = host;
  }

  counts(): SqliteCounts {
    return { commits: this.#commits, batches: this.#batches };
  }

  async migrate(): Promise<void> {
    this.#open();
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    const results = await this.#open().write(items);
    this.#batches++;
    for (const result of results) if (result.kind === 'applied') this.#commits++;
    return results;
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    return this.#open().call('load', gids, depth);
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.#open().call('claimDue', request);
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    // Here, not on the engine's thread: what a caller did wrong is no fault of the store.
    if (cursor !== undefined) decodePosition(cursor);
    return this.#open().call('scan', filter, cursor, limit);
  }

  async wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#open().call('wake', filter, now, limit);
  }

  async purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    return this.#open().call('purge', finishedBefore, cursor, limit);
  }

  async getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#open().call('getKeyValue', category, key);
  }

  async putKeyValue(
    category: string,
    key: string,
    value: string,
    expectedVersion: number,
    now: number,
  ): Promise<boolean> {
    return this.#open().call('putKeyValue', category, key, value, expectedVersion, now);
  }

  async deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#open().call('deleteKeyValue', category, key);
  }

  async scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#open().call('scanKeyValues', category, cursor, limit);
  }

  async backlog(now: number): Promise<Backlog> {
    return this.#open().call('backlog', now);
  }

  async ping(): Promise<{ readonly engineNow: number | undefined }> {
    await this.#open().call('ping');
    return { engineNow: undefined };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#host.close();
  }

  #open(): EngineHost {
    if (this.#isClosed) throw new StoreError('closed', 'the store is closed');
    return this.#host;
  }
}
