import { describe, expect, it } from 'vitest';
import { commitOf, createOf } from './contract/sample-items.js';
import { GroupCommit, type GroupCommitOptions, type GroupCommitTiming } from './group-commit.js';
import { MemoryStore } from './memory-store.js';
import type { StoreError } from './store-error.js';
import { UnreliableStore, type Faults } from './unreliable-store.js';

/** Time that moves when a test says so. */
class ManualTime implements GroupCommitTiming {
  #now = 1000;
  #deferred: (() => void)[] = [];
  #timers: { readonly at: number; readonly fire: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer = { at: this.#now + delayMs, fire };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  /** Runs what is deferred, and whatever follows from it without waiting for a timer. */
  async settle(): Promise<void> {
    do {
      for (const run of this.#deferred.splice(0)) run();
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#deferred.length > 0);
  }

  async advance(byMs: number): Promise<void> {
    this.#now += byMs;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const { fire } of due) fire();
    await this.settle();
  }
}

interface Bench {
  readonly time: ManualTime;
  readonly store: UnreliableStore;
  readonly group: GroupCommit;
  /** Sizes of the batches that the store answered. */
  readonly batches: number[];
}

function benchWith(options: GroupCommitOptions = {}, faults: Partial<Faults> = {}): Bench {
  const time = new ManualTime();
  const batches: number[] = [];
  const store = new UnreliableStore(new MemoryStore(), { random: () => 0, ...faults });
  const events = { batchWritten: (items: number) => void batches.push(items) };
  return { time, store, batches, group: new GroupCommit(store, { timing: time, events, ...options }) };
}

/** A store whose calls go on when the test opens the gate. */
function gate(): { readonly delay: () => Promise<void>; readonly open: () => void } {
  let waiting: (() => void)[] = [];
  let isOpen = false;
  return {
    delay: () => (isOpen ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    open: () => {
      isOpen = true;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
}

describe('group commit', () => {
  it('sends what arrives in one turn in one batch', async () => {
    const { time, group, batches } = benchWith();
    const writes = ['a', 'b', 'c'].map((gid) => group.write(createOf(gid)));
    await time.settle();
    expect(await Promise.all(writes)).toEqual(Array(3).fill({ kind: 'applied', version: 1, epoch: 0 }));
    expect(batches).toEqual([3]);
    expect(group.counts()).toEqual({ items: 3, batches: 1, faults: 0 });
  });

  it('sends what arrives while a batch is under way in the next one', async () => {
    const { delay, open } = gate();
    const { time, group, batches } = benchWith({}, { delay });
    const first = group.write(createOf('a'));
    await time.settle();
    const later = ['b', 'c'].map((gid) => group.write(createOf(gid)));
    await time.settle();
    expect(group.pending).toBe(3);
    open();
    await first;
    await time.settle();
    await Promise.all(later);
    expect(batches).toEqual([1, 2]);
    expect(group.pending).toBe(0);
  });

  it('keeps writes of one gid in their order and in batches of their own', async () => {
    const { time, group, batches } = benchWith({ batchesMax: 4 });
    const writes = [
      group.write(createOf('a')),
      group.write(commitOf('a', 1)),
      group.write(createOf('b')),
      group.write(commitOf('a', 2)),
      group.write(createOf('a')),
    ];
    await time.settle();
    expect((await Promise.all(writes)).map((result) => result.kind)).toEqual([
      ...['applied', 'applied', 'applied', 'applied'],
      'exists',
    ]);
    expect(batches).toEqual([2, 1, 1, 1]);
  });

  it('bounds a batch in items and in bytes, and lets a larger item go alone', async () => {
    const byItems = benchWith({ itemsMax: 2 });
    const five = ['a', 'b', 'c', 'd', 'e'].map((gid) => byItems.group.write(createOf(gid)));
    await byItems.time.settle();
    await Promise.all(five);
    expect(byItems.batches).toEqual([2, 2, 1]);

    const byBytes = benchWith({ bytesMax: 10_000 });
    const sizes = [20_000, 4000, 4000, 4000];
    const writes = sizes.map((size, index) => byBytes.group.write(createOf(String(index), { body: 'x'.repeat(size) })));
    await byBytes.time.settle();
    await Promise.all(writes);
    expect(byBytes.batches).toEqual([1, 2, 1]);
  });

  it('refuses creates beyond its room, and leaves as much room again for commits', async () => {
    const { time, group } = benchWith({ pendingMax: 2 });
    const held = [group.write(createOf('a')), group.write(createOf('b'))];
    await expect(group.write(createOf('c'))).rejects.toMatchObject({ name: 'TandemError', code: 'OVERLOADED' });
    const commits = [group.write(commitOf('a', 1)), group.write(commitOf('b', 1))];
    await expect(group.write(commitOf('a', 2))).rejects.toMatchObject({ code: 'OVERLOADED' });
    await time.settle();
    await Promise.all([...held, ...commits]);
    expect(group.pending).toBe(0);
  });

  it('hands a fault to a caller who allows no retry', async () => {
    const { time, store, group } = benchWith();
    store.isUnavailable = true;
    const written = expect(group.write(createOf('a'))).rejects.toMatchObject({ name: 'StoreError' });
    await time.settle();
    await written;
    expect(group.counts().faults).toBe(1);
  });

  it('writes again with the same token, so that a lost reply applies once', async () => {
    let calls = 0;
    const { time, store, group } = benchWith({}, { loseReply: 0.5, random: () => (++calls === 1 ? 0 : 1) });
    const written = group.write(createOf('a'), { retryUntil: 2000 });
    await time.settle();
    await time.advance(1000);
    expect(await written).toEqual({ kind: 'applied', version: 1, epoch: 0 });
    expect((await store.load(['a'], 'head'))[0]?.head.version).toBe(1);
  });

  it('gives up when the time that its caller allows has passed, or when the caller does', async () => {
    const { time, store, group } = benchWith();
    store.isUnavailable = true;
    const abort = new AbortController();
    const outcomes: string[] = [];
    const note = (name: string) => (error: StoreError) => outcomes.push(`${name} ${error.kind}`);
    group.write(createOf('timed'), { retryUntil: 1100 }).catch(note('timed'));
    group.write(createOf('aborted'), { retryUntil: 9000, signal: abort.signal }).catch(note('aborted'));
    await time.settle();
    expect(outcomes).toEqual([]);
    await time.advance(200);
    expect(outcomes).toEqual(['timed unavailable']);
    abort.abort();
    await time.advance(200);
    expect(outcomes).toEqual(['timed unavailable', 'aborted unavailable']);
  });

  it('goes on by itself when the store is back', async () => {
    const { time, store, group } = benchWith();
    store.isUnavailable = true;
    const writes = ['a', 'b'].map((gid) => group.write(createOf(gid), { retryUntil: 60_000 }));
    await time.settle();
    for (let round = 0; round < 10; round++) await time.advance(250);
    store.isUnavailable = false;
    await time.advance(250);
    expect((await Promise.all(writes)).map((result) => result.kind)).toEqual(['applied', 'applied']);
  });

  it('closes when everything that waited is settled, and takes no more', async () => {
    const { time, group } = benchWith();
    const written = group.write(createOf('a'));
    const closed = group.close();
    await expect(group.write(createOf('b'))).rejects.toMatchObject({ kind: 'closed' });
    await time.settle();
    await closed;
    expect((await written).kind).toBe('applied');
  });

  it('does not wait for a store that is away when it closes', async () => {
    const { time, store, group } = benchWith();
    store.isUnavailable = true;
    const refused = expect(group.write(createOf('a'), { retryUntil: 60_000 })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await time.settle();
    const closed = group.close();
    await time.settle();
    await Promise.all([closed, refused]);
  });
});
