/**
 * A store that treats its caller as badly as the contract allows, for simulations: batches come apart, replies get lost
 * after what they answer was applied, calls are slow or fail, items are refused.
 *
 * U1. It never breaks the contract C1 to C8: whatever a run does under it, it must also bear from a real engine.
 * U2. All chance comes from `random`, all waiting from `delay`: the same seed gives the same run.
 */
import { InvariantError } from '@tandem/protocol';
import { StoreError } from './store-error.js';
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

/** What may go wrong; chances are from 0 to 1 for each call, and 0 where left out. */
export interface Faults {
  /** From 0 (inclusive) to 1, seeded. */
  readonly random: () => number;
  /** Waits a while, by the caller's clock; called around each call and between the parts of a split batch. */
  readonly delay?: () => Promise<void>;
  /** The call fails and nothing was applied. */
  readonly failBefore?: number;
  /** The call was applied and fails all the same. */
  readonly loseReply?: number;
  /** A batch is applied in two parts, in any order, and anything may happen in between. */
  readonly splitBatch?: number;
  /** Why an item is refused for good; undefined: it is not. */
  readonly refuse?: (item: WriteItem) => string | undefined;
  /** Told of each fault by chance, so that one that never happens is noticed. */
  readonly injected?: (fault: 'failBefore' | 'loseReply' | 'splitBatch') => void;
}

/** Wraps any store; see the file head. */
export class UnreliableStore implements Store {
  /** While true every call fails before anything is applied. */
  isUnavailable = false;
  readonly #store: Store;
  readonly #faults: Faults;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(store: Store, faults: Faults) {
    this.#store = store;
    this.#faults = faults;
  }

  get batchLimits(): BatchLimits {
    return this.#store.batchLimits;
  }

  migrate(): Promise<void> {
    return this.#store.migrate();
  }

  write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#call(async () => {
      const results = new Map<string, WriteResult>();
      const accepted = items.filter((item) => {
        const reason = this.#faults.refuse?.(item);
        if (reason !== undefined) results.set(item.gid, { kind: 'refused', reason });
        return reason === undefined;
      });
      let isFirst = true;
      for (const part of this.#parts(accepted)) {
        if (!isFirst) await this.#betweenParts();
        isFirst = false;
        const written = await this.#store.write(part);
        part.forEach((item, index) => {
          const result = written[index];
          if (result !== undefined) results.set(item.gid, result);
        });
      }
      return items.map((item) => {
        const result = results.get(item.gid);
        if (result === undefined) throw new InvariantError(`no result for ${item.gid}`);
        return result;
      });
    });
  }

  load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    return this.#call(() => this.#store.load(gids, depth));
  }

  claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.#call(() => this.#store.claimDue(request));
  }

  scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    return this.#call(() => this.#store.scan(filter, cursor, limit));
  }

  wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#call(() => this.#store.wake(filter, now, limit));
  }

  purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    return this.#call(() => this.#store.purge(finishedBefore, cursor, limit));
  }

  getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#call(() => this.#store.getKeyValue(category, key));
  }

  putKeyValue(category: string, key: string, value: string, expected: number, now: number): Promise<boolean> {
    return this.#call(() => this.#store.putKeyValue(category, key, value, expected, now));
  }

  deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#call(() => this.#store.deleteKeyValue(category, key));
  }

  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#call(() => this.#store.scanKeyValues(category, cursor, limit));
  }

  backlog(now: number): Promise<Backlog> {
    return this.#call(() => this.#store.backlog(now));
  }

  ping(): Promise<{ readonly engineNow: number | undefined }> {
    return this.#call(() => this.#store.ping());
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#store.close();
  }

  #call<T>(apply: () => Promise<T>): Promise<T> {
    const call = this.#callBadly(apply);
    this.#underWay.add(call);
    const forget = (): void => void this.#underWay.delete(call);
    call.then(forget, forget);
    return call;
  }

  async #callBadly<T>(apply: () => Promise<T>): Promise<T> {
    await this.#faults.delay?.();
    if (this.isUnavailable || this.#happens('failBefore')) {
      throw new StoreError('unavailable', 'injected: nothing was applied');
    }
    const result = await apply();
    await this.#faults.delay?.();
    if (this.#happens('loseReply')) throw new StoreError('unavailable', 'injected: the reply was lost');
    return result;
  }

  async #betweenParts(): Promise<void> {
    await this.#faults.delay?.();
    if (this.#happens('failBefore')) {
      throw new StoreError('unavailable', 'injected: a part of the batch was applied');
    }
  }

  #parts(items: readonly WriteItem[]): readonly (readonly WriteItem[])[] {
    if (items.length < 2 || !this.#happens('splitBatch')) return items.length === 0 ? [] : [items];
    const first = items.filter(() => this.#faults.random() < 0.5);
    const second = items.filter((item) => !first.includes(item));
    return [first, second].filter((part) => part.length > 0);
  }

  #happens(fault: 'failBefore' | 'loseReply' | 'splitBatch'): boolean {
    const chance = this.#faults[fault] ?? 0;
    if (chance <= 0 || this.#faults.random() >= chance) return false;
    this.#faults.injected?.(fault);
    return true;
  }
}
