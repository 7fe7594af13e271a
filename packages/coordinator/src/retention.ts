import type { Store } from '@tandem/store';
import type { Clock } from './ports.js';

export interface RetentionPolicy {
  /** Age after the end at which a transaction is purged; 0: never. */
  readonly retentionMs: number;
  readonly purgeIntervalMs: number;
  readonly purgeBatch: number;
}

/** Purges finished transactions in small batches, one store call at a time, so that it never competes with the living. */
export class Retention {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #policy: RetentionPolicy;
  readonly #fault: (error: unknown) => void;
  #isStopped = true;
  #cursor: string | undefined;
  #cancelTimer: (() => void) | undefined;
  #idle: Promise<void> = Promise.resolve();

  constructor(store: Store, clock: Clock, policy: RetentionPolicy, fault: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#policy = policy;
    this.#fault = fault;
  }

  start(): void {
    if (this.#policy.retentionMs === 0) return;
    this.#isStopped = false;
    this.#later(this.#policy.purgeIntervalMs);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#idle;
  }

  #later(delayMs: number): void {
    if (this.#isStopped) return;
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#idle = this.#sweep().catch((error: unknown) => {
        this.#cursor = undefined;
        this.#fault(error);
        this.#later(this.#policy.purgeIntervalMs);
      });
    });
  }

  async #sweep(): Promise<void> {
    const before = this.#clock.now() - this.#policy.retentionMs;
    const { nextCursor } = await this.#store.purge(before, this.#cursor, this.#policy.purgeBatch);
    this.#cursor = nextCursor;
    // While there is more, a batch follows soon; a pause as long as many batches take keeps the store free for others.
    this.#later(nextCursor === undefined ? this.#policy.purgeIntervalMs : betweenBatchesMs);
  }
}

const betweenBatchesMs = 20;
