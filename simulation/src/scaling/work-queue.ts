import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import { ticksPerMs } from './model.js';

/** Work that is done in order of its coming, by so many at once. */
export class WorkQueue {
  readonly #time: VirtualTime;
  readonly #freeAt: number[];

  constructor(time: VirtualTime, lanes: number) {
    this.#time = time;
    this.#freeAt = new Array<number>(lanes).fill(0);
  }

  /** Resolves when it is done. */
  work(ms: number): Promise<void> {
    const { now } = this.#time;
    const lane = this.#freeAt.indexOf(Math.min(...this.#freeAt));
    const endsAt = Math.max(now, this.#freeAt[lane] ?? 0) + ms * ticksPerMs;
    this.#freeAt[lane] = endsAt;
    return after(this.#time, (endsAt - now) / ticksPerMs);
  }
}

export function after(time: VirtualTime, ms: number): Promise<void> {
  return new Promise((resolve) => void time.in(ms * ticksPerMs, resolve));
}
