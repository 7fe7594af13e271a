/**
 * Group commit: all writes that wait go to the store together, in one round trip and one sync.
 *
 * G1. A gid is in one batch at most, and in no two batches under way: a later write of the same gid waits for the earlier
 *     one and goes on in order. So no engine meets one gid twice at once.
 * G2. A write is settled once: with the store's result, or with a fault after which it may have been applied.
 * G3. After a fault the same items go again with the same tokens (C3, C6), for as long as each one's caller allows.
 * G4. Nothing is unbounded: rows and bytes of a batch, batches under way, writes that wait.
 */
import { TandemError } from '@tandem/protocol';
import { StoreError } from './store-error.js';
import type { BatchLimits, Store, WriteItem, WriteResult } from './store.js';

/** The limits of batches are the store's, unless a user says otherwise. */
export interface GroupCommitLimits extends BatchLimits {
  /** Most creates that wait; beyond it they are refused with OVERLOADED. Commits have as much room again. */
  readonly pendingMax: number;
}

/** Time as group commit sees it; a simulation brings its own. */
export interface GroupCommitTiming {
  /** UTC ms. */
  now(): number;
  setTimer(delayMs: number, fire: () => void): () => void;
  /** Runs `run` soon, after what is ready to run now: what arrives until then goes in the same batch. */
  defer(run: () => void): void;
}

/** Told to whoever measures; must not throw. */
export interface GroupCommitEvents {
  batchWritten?(items: number, durationMs: number): void;
  storeFault?(error: StoreError): void;
}

export interface GroupCommitOptions extends Partial<GroupCommitLimits> {
  readonly timing?: GroupCommitTiming;
  readonly events?: GroupCommitEvents;
}

export interface WriteOptions {
  /** Until when (UTC ms) faults that may pass are borne and the write is tried again; default: not at all. */
  readonly retryUntil?: number;
  /** Ends the retries; a batch under way is not recalled. */
  readonly signal?: AbortSignal;
}

export interface GroupCommitCounts {
  /** Items that the store answered. */
  readonly items: number;
  /** Batches that the store answered. */
  readonly batches: number;
  readonly faults: number;
}

/** One write that waits or is under way, and the queue of those of the same gid behind it (G1). */
class Pending {
  readonly bytes: number;
  follower: Pending | undefined;
  last: Pending = this;

  constructor(
    readonly item: WriteItem,
    readonly options: WriteOptions,
    readonly resolve: (result: WriteResult) => void,
    readonly reject: (error: unknown) => void,
  ) {
    this.bytes = bytesOf(item);
  }
}

const defaultPendingMax = 20_000;
const backOffFirstMs = 5;
const backOffMaxMs = 250;
/** What a head costs beside its texts. */
const itemBytes = 300;

const systemTiming: GroupCommitTiming = {
  now: Date.now,
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
  defer: setImmediate,
};

/** The commit batcher; see the file head. */
export class GroupCommit {
  readonly #store: Store;
  readonly #limits: GroupCommitLimits;
  readonly #timing: GroupCommitTiming;
  readonly #events: GroupCommitEvents;
  /** Who may go next; distinct gids, none of them in a batch under way (G1). */
  #ready: Pending[] = [];
  /** The first write of each gid that waits or is under way. */
  readonly #first = new Map<string, Pending>();
  #pending = 0;
  #batchesUnderWay = 0;
  #isFlushPlanned = false;
  #backOffMs = 0;
  #cancelBackOff: (() => void) | undefined;
  #isClosed = false;
  #whenIdle: (() => void)[] = [];
  #items = 0;
  #batches = 0;
  #faults = 0;

  constructor(store: Store, options: GroupCommitOptions = {}) {
    const { timing, events, ...limits } = options;
    this.#store = store;
    this.#limits = { ...store.batchLimits, pendingMax: defaultPendingMax, ...limits };
    this.#timing = timing ?? systemTiming;
    this.#events = events ?? {};
  }

  /**
   * Writes one item with whatever else waits. Rejects with `TandemError` OVERLOADED before anything is stored, or with
   * `StoreError` when the store failed for longer than `retryUntil` allows; it may have been applied then.
   */
  write(item: WriteItem, options: WriteOptions = {}): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new StoreError('closed', 'the store is closing'));
        return;
      }
      const room = item.kind === 'create' ? this.#limits.pendingMax : this.#limits.pendingMax * 2;
      if (this.#pending >= room) {
        reject(new TandemError('OVERLOADED', `${String(this.#pending)} writes wait for the store`));
        return;
      }
      this.#enqueue(new Pending(item, options, resolve, reject));
    });
  }

  /** Writes that wait or are under way. */
  get pending(): number {
    return this.#pending;
  }

  counts(): GroupCommitCounts {
    return { items: this.#items, batches: this.#batches, faults: this.#faults };
  }

  /** Takes no more, gives up retries, and resolves when every write is settled. Leaves the store open. */
  close(): Promise<void> {
    this.#isClosed = true;
    if (this.#pending === 0) return Promise.resolve();
    this.#endBackOff();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #enqueue(pending: Pending): void {
    const { item } = pending;
    this.#pending++;
    const first = this.#first.get(item.gid);
    if (first !== undefined) {
      first.last.follower = pending;
      first.last = pending;
      return;
    }
    this.#first.set(item.gid, pending);
    this.#ready.push(pending);
    this.#planFlush();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned || this.#ready.length === 0) return;
    if (this.#cancelBackOff !== undefined || this.#batchesUnderWay >= this.#limits.batchesMax) return;
    this.#isFlushPlanned = true;
    this.#timing.defer(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (
      this.#ready.length > 0 &&
      this.#cancelBackOff === undefined &&
      this.#batchesUnderWay < this.#limits.batchesMax
    ) {
      const batch = this.#takeBatch();
      this.#batchesUnderWay++;
      void this.#send(batch);
    }
  }

  #takeBatch(): readonly Pending[] {
    let bytes = 0;
    let count = 0;
    for (const pending of this.#ready) {
      bytes += pending.bytes;
      if (count > 0 && (count >= this.#limits.itemsMax || bytes > this.#limits.bytesMax)) break;
      count++;
    }
    if (count === this.#ready.length) {
      const all = this.#ready;
      this.#ready = [];
      return all;
    }
    return this.#ready.splice(0, count);
  }

  /** Owns the batch: never rejects. */
  async #send(batch: readonly Pending[]): Promise<void> {
    const startedAt = this.#timing.now();
    try {
      const results = await this.#store.write(batch.map((pending) => pending.item));
      this.#batchesUnderWay--;
      this.#backOffMs = 0;
      this.#batches++;
      this.#items += batch.length;
      batch.forEach((pending, index) => {
        const result = results[index];
        this.#settle(pending);
        if (result === undefined) pending.reject(new StoreError('corrupt', 'the store left a result out'));
        else pending.resolve(result);
      });
      this.#events.batchWritten?.(batch.length, this.#timing.now() - startedAt);
    } catch (error) {
      this.#batchesUnderWay--;
      this.#afterFault(batch, asStoreError(error));
    }
    this.#planFlush();
  }

  #afterFault(batch: readonly Pending[], error: StoreError): void {
    this.#faults++;
    const now = this.#timing.now();
    const [again, given] = partition(batch, (pending) => this.#mayRetry(pending, error, now));
    this.#ready = [...again, ...this.#ready];
    for (const pending of given) {
      this.#settle(pending);
      pending.reject(error);
    }
    this.#events.storeFault?.(error);
    if (!this.#isClosed) this.#backOff();
  }

  #mayRetry({ options }: Pending, error: StoreError, now: number): boolean {
    if (this.#isClosed || error.kind === 'closed' || error.kind === 'corrupt') return false;
    return options.retryUntil !== undefined && now < options.retryUntil && options.signal?.aborted !== true;
  }

  #backOff(): void {
    if (this.#cancelBackOff !== undefined) return;
    this.#backOffMs = Math.min(Math.max(this.#backOffMs * 2, backOffFirstMs), backOffMaxMs);
    this.#cancelBackOff = this.#timing.setTimer(this.#backOffMs, () => {
      this.#cancelBackOff = undefined;
      this.#planFlush();
    });
  }

  #endBackOff(): void {
    this.#cancelBackOff?.();
    this.#cancelBackOff = undefined;
    this.#planFlush();
  }

  #settle(pending: Pending): void {
    this.#pending--;
    const { gid } = pending.item;
    const { follower } = pending;
    if (follower === undefined) {
      this.#first.delete(gid);
    } else {
      if (follower !== pending.last) follower.last = pending.last;
      this.#first.set(gid, follower);
      this.#ready.push(follower);
    }
    if (this.#pending === 0) {
      for (const resolve of this.#whenIdle) resolve();
      this.#whenIdle = [];
    }
  }
}

function bytesOf(item: WriteItem): number {
  let bytes = itemBytes + item.head.state.length;
  if (item.kind === 'create') bytes += item.body.length;
  for (const row of item.rows) bytes += row.value.length;
  return bytes;
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const one of all) (isFirst(one) ? first : second).push(one);
  return [first, second];
}

function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('unavailable', error instanceof Error ? error.message : String(error), { cause: error });
}
