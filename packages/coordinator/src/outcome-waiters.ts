import type { Gid, Outcome } from '@tandem/protocol';
import type { Clock } from './ports.js';

interface Waiter {
  readonly until: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly cancelTimer: () => void;
}

const open: Outcome = { kind: 'open' };

/** Callers that wait for an outcome, by gid. They outlive a run that is parked and taken up again in time. */
export class OutcomeWaiters {
  readonly #clock: Clock;
  readonly #began: () => void;
  readonly #byGid = new Map<Gid, Waiter[]>();

  /** `began`: somebody begins to wait. */
  constructor(clock: Clock, began: () => void) {
    this.#clock = clock;
    this.#began = began;
  }

  /** Resolves with the outcome, or with `open` after `waitMs` at the latest. */
  wait(gid: Gid, waitMs: number): Promise<Outcome> {
    this.#began();
    return new Promise((resolve) => {
      const waiter: Waiter = {
        until: this.#clock.now() + waitMs,
        resolve,
        cancelTimer: this.#clock.setTimer(waitMs, () => {
          this.#remove(gid, waiter);
          resolve(open);
        }),
      };
      const others = this.#byGid.get(gid);
      if (others === undefined) this.#byGid.set(gid, [waiter]);
      else others.push(waiter);
    });
  }

  has(gid: Gid): boolean {
    return this.#byGid.has(gid);
  }

  /** Everything that somebody waits for. */
  gids(): readonly Gid[] {
    return [...this.#byGid.keys()];
  }

  /** Everybody who waits for this gid is told. */
  settle(gid: Gid, outcome: Outcome): void {
    const waiters = this.#byGid.get(gid);
    if (waiters === undefined) return;
    this.#byGid.delete(gid);
    for (const waiter of waiters) {
      waiter.cancelTimer();
      waiter.resolve(outcome);
    }
  }

  /** Nothing will happen before `wakeAt`: whoever would have given up by then is told at once. */
  releaseBefore(gid: Gid, wakeAt: number): void {
    const waiters = this.#byGid.get(gid);
    if (waiters === undefined) return;
    for (const waiter of waiters.filter((candidate) => candidate.until <= wakeAt)) {
      this.#remove(gid, waiter);
      waiter.cancelTimer();
      waiter.resolve(open);
    }
  }

  /** Everybody is told `open`. */
  close(): void {
    for (const gid of [...this.#byGid.keys()]) this.settle(gid, open);
  }

  #remove(gid: Gid, waiter: Waiter): void {
    const left = this.#byGid.get(gid)?.filter((other) => other !== waiter) ?? [];
    if (left.length === 0) this.#byGid.delete(gid);
    else this.#byGid.set(gid, left);
  }
}
