/**
 * The store as one node sees it: the truth behind the adversarial wrapper, and the node's process in front of both.
 *
 * D1. A request that has left is carried out whatever becomes of the node; a reply reaches only a process that lives.
 */
import type {
  Backlog,
  BatchLimits,
  ClaimRequest,
  ClaimResult,
  KeyValue,
  KeyValuePage,
  LoadDepth,
  PurgeResult,
  ScanFilter,
  ScanPage,
  Store,
  StoredTransaction,
  WakeFilter,
  WriteItem,
  WriteResult,
} from '@tandem/store';
import type { Process } from './process.js';

export interface NodeStoreEvents {
  /** Called with each request; `weight` is its items. Answers false to hold it for ever: the node spins. */
  asked(verb: string, weight: number): boolean;
  /** Resolves when a claim's reply may set out for the node. */
  claimReply(): Promise<void>;
  /** A claim's reply has reached the node. */
  claimed(request: ClaimRequest, result: ClaimResult): void;
}

export class NodeStore implements Store {
  readonly #process: Process;
  readonly #store: Store;
  readonly #on: NodeStoreEvents;

  constructor(process: Process, store: Store, on: NodeStoreEvents) {
    this.#process = process;
    this.#store = store;
    this.#on = on;
  }

  get batchLimits(): BatchLimits {
    return this.#store.batchLimits;
  }

  migrate(): Promise<void> {
    return this.#ask('migrate', 1, () => this.#store.migrate());
  }

  write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#ask('write', items.length, () => this.#store.write(items));
  }

  load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    return this.#ask('load', gids.length, () => this.#store.load(gids, depth));
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const result = await this.#ask('claimDue', 1, async () => {
      const claim = await this.#store.claimDue(request);
      await this.#on.claimReply();
      return claim;
    });
    this.#on.claimed(request, result);
    return result;
  }

  scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#ask('scan', 1, () => this.#store.scan(filter, cursor, limit));
  }

  wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#ask('wake', 1, () => this.#store.wake(filter, now, limit));
  }

  purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    return this.#ask('purge', 1, () => this.#store.purge(finishedBefore, cursor, limit));
  }

  getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#ask('getKeyValue', 1, () => this.#store.getKeyValue(category, key));
  }

  putKeyValue(category: string, key: string, value: string, expected: number, now: number): Promise<boolean> {
    return this.#ask('putKeyValue', 1, () => this.#store.putKeyValue(category, key, value, expected, now));
  }

  deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#ask('deleteKeyValue', 1, () => this.#store.deleteKeyValue(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#ask('scanKeyValues', 1, () => this.#store.scanKeyValues(category, cursor, limit));
  }

  backlog(now: number): Promise<Backlog> {
    return this.#ask('backlog', 1, () => this.#store.backlog(now));
  }

  ping(): Promise<{ readonly engineNow: number | undefined }> {
    return this.#ask('ping', 1, () => this.#store.ping());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #ask<T>(verb: string, weight: number, run: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.#process.leaves('storeAsked') || !this.#on.asked(verb, weight)) return;
      run().then(
        (value) => {
          this.#process.enters('storeAnswered', () => {
            resolve(value);
          });
        },
        (error: unknown) => {
          this.#process.enters('storeAnswered', () => {
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        },
      );
    });
  }
}
