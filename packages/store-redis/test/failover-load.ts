import { GroupCommit, type Store } from '@tandem/store';
import { setTimeout as delay } from 'node:timers/promises';
import { commitOf, createOf } from './test-redis.js';

/** What became of transactions that were written, each in three writes, without end. */
export class FailoverLoad {
  /** The version that was acknowledged last, of each gid. */
  readonly acknowledged = new Map<string, number>();
  /** Answers that only a lost write explains: what was acknowledged is not there any more. */
  readonly setBack: string[] = [];
  readonly #writes: GroupCommit;
  readonly #name: string;
  #isOver = false;
  #workers: Promise<void>[];
  /** The longest time without any acknowledgement, in ms. */
  longestPauseMs = 0;
  #lastAt = performance.now();

  constructor(store: Store, name: string, workers = 32) {
    this.#writes = new GroupCommit(store);
    this.#name = name;
    this.#workers = Array.from({ length: workers }, (_, worker) => this.#work(worker));
    // A failure is told by `end`; a test that failed before it closes the store under them.
    for (const worker of this.#workers) worker.catch(() => undefined);
  }

  get faults(): number {
    return this.#writes.counts().faults;
  }

  /** Resolves when so many more were acknowledged. */
  async more(count: number, limitMs = 240_000): Promise<void> {
    const target = this.acknowledged.size + count;
    const deadline = Date.now() + limitMs;
    while (this.acknowledged.size < target) {
      if (Date.now() > deadline) throw new Error(`${this.acknowledged.size} of ${target} after ${limitMs} ms`);
      await delay(20);
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
    this.#workers = [];
  }

  /** Gids of which less is stored than was acknowledged. */
  async lost(store: Store): Promise<readonly string[]> {
    const gids = [...this.acknowledged.keys()];
    const lost: string[] = [];
    for (let from = 0; from < gids.length; from += 500) {
      const some = gids.slice(from, from + 500);
      const stored = await store.load(some, 'head');
      lost.push(...some.filter((gid, at) => (stored[at]?.head.version ?? 0) < (this.acknowledged.get(gid) ?? 0)));
    }
    return lost;
  }

  async #work(worker: number): Promise<void> {
    for (let round = 0; !this.#isOver; round++) {
      const gid = `${this.#name}-${worker}-${round}`;
      for (const item of [createOf(gid), commitOf(gid, 1), commitOf(gid, 2)]) {
        const result = await this.#writes.write(item, { retryUntil: Date.now() + 240_000 });
        if (result.kind !== 'applied') {
          this.setBack.push(gid);
          break;
        }
        this.acknowledged.set(gid, result.version);
        const now = performance.now();
        this.longestPauseMs = Math.max(this.longestPauseMs, now - this.#lastAt);
        this.#lastAt = now;
      }
    }
  }
}
