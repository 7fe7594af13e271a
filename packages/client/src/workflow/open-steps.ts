import type { ClientClock } from '../coordinator/client-clock.js';

/** The steps of one execution that are under way, and the sleepers that wait for longer than a process should. */
export class OpenSteps {
  readonly #clock: ClientClock;
  readonly #suspend: (until: number) => void;
  readonly #sleepers = new Map<(error: Error) => void, number>();
  readonly #open = new Set<Promise<unknown>>();

  /** `suspend` is called when all that is left are sleepers, with the time of the first that wakes. */
  constructor(clock: ClientClock, suspend: (until: number) => void) {
    this.#clock = clock;
    this.#suspend = suspend;
  }

  async track<T>(step: Promise<T>): Promise<T> {
    const noted = step.catch(() => undefined);
    this.#open.add(noted);
    try {
      return await step;
    } finally {
      this.#open.delete(noted);
      this.#lookForQuiet();
    }
  }

  /** Never resolves: the execution ends, and another one goes on when the time has come. `stop` rejects it earlier. */
  sleep(until: number, onStopper: (stop: (error: Error) => void) => void): Promise<never> {
    return new Promise<never>((_, reject) => {
      const stop = (error: Error): void => {
        this.#sleepers.delete(stop);
        reject(error);
      };
      this.#sleepers.set(stop, until);
      onStopper(stop);
      this.#lookForQuiet();
    });
  }

  /** Resolves when no step is under way. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** A little later: code that goes on after a step begins the next one first. */
  #lookForQuiet(): void {
    if (this.#sleepers.size === 0) return;
    this.#clock.setTimer(quietMs, () => {
      if (this.#open.size === 0 && this.#sleepers.size > 0) this.#suspend(Math.min(...this.#sleepers.values()));
    });
  }
}

const quietMs = 20;
