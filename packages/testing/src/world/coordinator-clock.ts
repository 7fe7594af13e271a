import type { Clock } from '@tandem/coordinator';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import type { Place } from './place.js';

interface Timer {
  readonly fire: () => void;
  at: number;
  cancel: () => void;
}

/** The clock of one start of the coordinator. Its timers may be held while nothing can happen, as timers may that fire late. */
export class CoordinatorClock implements Clock {
  readonly #time: VirtualTime;
  readonly #place: Place;
  readonly #epochMs: number;
  readonly #timers = new Set<Timer>();

  constructor(time: VirtualTime, place: Place, epochMs: number) {
    this.#time = time;
    this.#place = place;
    this.#epochMs = epochMs;
  }

  now(): number {
    return this.#epochMs + this.#time.now;
  }

  steady(): number {
    return this.#time.now;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer: Timer = { fire, at: this.#time.now + Math.max(0, delayMs), cancel: () => undefined };
    this.#timers.add(timer);
    this.#queue(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  /** No timer fires before `at`, ms since the world began. */
  holdUntil(at: number): void {
    for (const timer of this.#timers) {
      if (timer.at >= at) continue;
      timer.cancel();
      timer.at = at;
      this.#queue(timer);
    }
  }

  #queue(timer: Timer): void {
    timer.cancel = this.#time.in(timer.at - this.#time.now, () => {
      this.#timers.delete(timer);
      if (!this.#place.hasDied()) timer.fire();
    });
  }
}
