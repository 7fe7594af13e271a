/**
 * A store that treats its caller as badly as the contract allows, for simulations: batches come apart, replies get lost
 * after what they answer was applied, calls are slow or fail, items are refused.
 *
 * U1. It never breaks the contract C1 to C8: whatever a run does under it, it must also bear from a real engine.
 * U2. All chance comes from `random`, all waiting from `delay`: the same seed gives the same run.
 */
import { InvariantError } from '@tandem/protocol';
import { InterceptedStore } from './intercepted-store.js';
import { StoreError } from './store-error.js';
import type { Store, WriteItem, WriteResult } from './store.js';

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
export class UnreliableStore extends InterceptedStore {
  readonly #store: Store;
  readonly #calls: UnreliableCalls;

  constructor(store: Store, faults: Faults) {
    const calls = new UnreliableCalls(faults);
    super(store, ({ verb }, run) => (verb === 'migrate' ? run() : calls.call(run)));
    this.#store = store;
    this.#calls = calls;
  }

  /** While true every call fails before anything is applied. */
  get isUnavailable(): boolean {
    return this.#calls.isUnavailable;
  }

  set isUnavailable(isUnavailable: boolean) {
    this.#calls.isUnavailable = isUnavailable;
  }

  override write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#calls.call(async () => {
      const results = new Map<string, WriteResult>();
      const accepted = items.filter((item) => {
        const reason = this.#calls.faults.refuse?.(item);
        if (reason !== undefined) results.set(item.gid, { kind: 'refused', reason });
        return reason === undefined;
      });
      let isFirst = true;
      for (const part of this.#calls.parts(accepted)) {
        if (!isFirst) await this.#calls.betweenParts();
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

  override async close(): Promise<void> {
    await this.#calls.settled();
    await super.close();
  }
}

/** Calls that are slow, fail and lose their replies. */
class UnreliableCalls {
  isUnavailable = false;
  readonly faults: Faults;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(faults: Faults) {
    this.faults = faults;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  call<T>(apply: () => Promise<T>): Promise<T> {
    const call = this.#callBadly(apply);
    this.#underWay.add(call);
    const forget = (): void => void this.#underWay.delete(call);
    call.then(forget, forget);
    return call;
  }

  async #callBadly<T>(apply: () => Promise<T>): Promise<T> {
    await this.faults.delay?.();
    if (this.isUnavailable || this.#happens('failBefore')) {
      throw new StoreError('unavailable', 'injected: nothing was applied');
    }
    const result = await apply();
    await this.faults.delay?.();
    if (this.#happens('loseReply')) throw new StoreError('unavailable', 'injected: the reply was lost');
    return result;
  }

  async betweenParts(): Promise<void> {
    await this.faults.delay?.();
    if (this.#happens('failBefore')) {
      throw new StoreError('unavailable', 'injected: a part of the batch was applied');
    }
  }

  parts(items: readonly WriteItem[]): readonly (readonly WriteItem[])[] {
    if (items.length < 2 || !this.#happens('splitBatch')) return items.length === 0 ? [] : [items];
    const first = items.filter(() => this.faults.random() < 0.5);
    const second = items.filter((item) => !first.includes(item));
    return [first, second].filter((part) => part.length > 0);
  }

  #happens(fault: 'failBefore' | 'loseReply' | 'splitBatch'): boolean {
    const chance = this.faults[fault] ?? 0;
    if (chance <= 0 || this.faults.random() >= chance) return false;
    this.faults.injected?.(fault);
    return true;
  }
}
