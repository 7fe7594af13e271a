import type { Clock } from '@tandem/coordinator';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import type { Process } from './process.js';

/** UTC ms at the world's beginning. */
export const epochMs = 1_800_000_000_000;

/** A node's clock: ahead or behind by its own offset, which may jump. Its timers measure durations, and do not jump. */
export class NodeClock implements Clock {
  offsetMs: number;
  readonly #time: VirtualTime;
  readonly #process: Process;

  constructor(time: VirtualTime, process: Process, offsetMs: number) {
    this.#time = time;
    this.#process = process;
    this.offsetMs = offsetMs;
  }

  now(): number {
    return epochMs + this.#time.now + this.offsetMs;
  }

  steady(): number {
    return this.#time.now;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#time.in(delayMs, () => {
      this.#process.enters('timer', () => {
        if (!isCancelled) fire();
      });
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }
}
