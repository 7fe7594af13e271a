import { RecentMap } from '../callers/recent-map.js';

/** Lets one event of a kind through in each interval and counts those it holds back: a dead host must not flood the log. */
export class Seldom {
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #last = new RecentMap<{ at: number; heldBack: number }>(2_000);

  constructor(intervalMs: number, now: () => number = Date.now) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /** How many were held back since the last one of this kind, if this one may pass; undefined: hold it back. */
  pass(kind: string): number | undefined {
    const now = this.#now();
    const last = this.#last.get(kind);
    if (last !== undefined && now - last.at < this.#intervalMs) {
      last.heldBack += 1;
      return undefined;
    }
    this.#last.set(kind, { at: now, heldBack: 0 });
    return last?.heldBack ?? 0;
  }
}
