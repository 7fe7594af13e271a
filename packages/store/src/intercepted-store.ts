/** A store with somebody in front of it who sees every request: for simulations and tests, that lose requests and replies. */
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
} from './store.js';

/** One request: which verb, and what a write would write. */
export interface StoreRequest {
  readonly verb: Exclude<keyof Store, 'batchLimits' | 'close'>;
  /** Empty but for `write`. */
  readonly items: readonly WriteItem[];
  /** How many transactions it names; 1 where it names none. */
  readonly weight: number;
}

/** Carries a request out by calling `run`, or does not; what it resolves with is the reply. */
export type StoreInterceptor = <T>(request: StoreRequest, run: () => Promise<T>) => Promise<T>;

export class InterceptedStore implements Store {
  readonly #store: Store;
  readonly #intercept: StoreInterceptor;

  constructor(store: Store, intercept: StoreInterceptor) {
    this.#store = store;
    this.#intercept = intercept;
  }

  get batchLimits(): BatchLimits {
    return this.#store.batchLimits;
  }

  migrate(): Promise<void> {
    return this.#ask('migrate', () => this.#store.migrate());
  }

  write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#intercept({ verb: 'write', items, weight: items.length }, () => this.#store.write(items));
  }

  load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    return this.#ask('load', () => this.#store.load(gids, depth), gids.length);
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.#ask('claimDue', () => this.#store.claimDue(request));
  }

  scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#ask('scan', () => this.#store.scan(filter, cursor, limit));
  }

  wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#ask('wake', () => this.#store.wake(filter, now, limit));
  }

  purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    return this.#ask('purge', () => this.#store.purge(finishedBefore, cursor, limit));
  }

  getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#ask('getKeyValue', () => this.#store.getKeyValue(category, key));
  }

  putKeyValue(category: string, key: string, value: string, expected: number, now: number): Promise<boolean> {
    return this.#ask('putKeyValue', () => this.#store.putKeyValue(category, key, value, expected, now));
  }

  deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#ask('deleteKeyValue', () => this.#store.deleteKeyValue(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#ask('scanKeyValues', () => this.#store.scanKeyValues(category, cursor, limit));
  }

  backlog(now: number): Promise<Backlog> {
    return this.#ask('backlog', () => this.#store.backlog(now));
  }

  ping(): Promise<{ readonly engineNow: number | undefined }> {
    return this.#ask('ping', () => this.#store.ping());
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #ask<T>(verb: StoreRequest['verb'], run: () => Promise<T>, weight = 1): Promise<T> {
    return this.#intercept({ verb, items: [], weight }, run);
  }
}
