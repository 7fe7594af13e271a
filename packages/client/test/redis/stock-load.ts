import { setTimeout as delay } from 'node:timers/promises';
import { newGid } from '@tandem/client';
import { expect } from 'vitest';
import { saga } from './branch-calls.js';
import type { RedisSetting } from './redis-setting.js';

const full = 1_000_000;

/** Takes from several stocks without end, each call again until it is answered, as a coordinator does. */
export class StockLoad {
  /** Gids whose action was answered, with the key that it took from. */
  readonly answered = new Map<string, string>();
  readonly keys: readonly string[];
  readonly #setting: RedisSetting;
  readonly #workers: Promise<void>[];
  #isOver = false;

  private constructor(setting: RedisSetting, keys: readonly string[], workers: number) {
    this.#setting = setting;
    this.keys = keys;
    this.#workers = Array.from({ length: workers }, (_, worker) => this.#work(keys[worker % keys.length] ?? ''));
    for (const worker of this.#workers) worker.catch(() => undefined);
  }

  static async start(setting: RedisSetting, { keys: keyCount = 8, workers = 16 } = {}): Promise<StockLoad> {
    const keys = Array.from({ length: keyCount }, () => newGid());
    for (const key of keys) await setting.send('SET', setting.keyPrefix + key, String(full));
    return new StockLoad(setting, keys, workers);
  }

  /** Resolves when so many more were answered. */
  async more(count: number): Promise<void> {
    const target = this.answered.size + count;
    await expect.poll(() => this.answered.size, { timeout: 240_000, interval: 20 }).toBeGreaterThanOrEqual(target);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
  }

  /** Of those that were answered, how many have left no mark. Each stock must lack exactly what has one. */
  async lost(): Promise<number> {
    const marks = await this.#each((gid, key) => this.#setting.marks(key, gid));
    const isMarked = marks.map((mark) => mark['01 action 01'] === 'action');
    const marked = [...this.answered.values()].filter((_, at) => isMarked[at]);
    expect(await this.#taken()).toEqual(this.keys.map((key) => marked.filter((one) => one === key).length));
    return this.answered.size - marked.length;
  }

  /** Calls every action once more; then each stock must lack what was answered, be it lost meanwhile or not. */
  async repeatAll(): Promise<void> {
    await this.#each((gid, key) => this.#setting.redis.adjust(saga(gid, 'action'), { key, by: -1, min: 0 }));
    const taken = [...this.answered.values()];
    expect(await this.#taken()).toEqual(this.keys.map((key) => taken.filter((one) => one === key).length));
  }

  /** Compensates everything; then each stock must be full. */
  async undoAll(): Promise<void> {
    await this.#each((gid, key) => this.#setting.redis.adjust(saga(gid, 'compensate'), { key, by: 1 }));
    expect(await this.#taken()).toEqual(this.keys.map(() => 0));
  }

  #each<T>(work: (gid: string, key: string) => Promise<T>): Promise<readonly T[]> {
    return Promise.all([...this.answered].map(([gid, key]) => work(gid, key)));
  }

  async #taken(): Promise<readonly number[]> {
    const { send, keyPrefix } = this.#setting;
    return Promise.all(this.keys.map(async (key) => full - Number(await send('GET', keyPrefix + key))));
  }

  async #work(key: string): Promise<void> {
    while (!this.#isOver) {
      const gid = newGid();
      await this.#untilAnswered(gid, key);
      this.answered.set(gid, key);
    }
  }

  async #untilAnswered(gid: string, key: string): Promise<void> {
    for (const deadline = Date.now() + 240_000; ;) {
      try {
        await this.#setting.redis.adjust(saga(gid, 'action'), { key, by: -1, min: 0 });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(20);
      }
    }
  }
}
