/** When a relay looks again: at intervals, soon after a send of this process, and less and less often while it fails. */
import type { ResolvedRelayOptions } from './relay-options.js';

/** A send is seen once its transaction has committed: the next looks come after 5 ms, 10 ms, 20 ms... */
const firstLookMs = 5;
const firstFailurePauseMs = 200;

export class Pacing {
  readonly #options: Pick<ResolvedRelayOptions, 'pollMs' | 'backOffMs'>;
  #failures = 0;
  #lookMs: number;
  #hasHeard = false;
  #isDeaf = false;
  #isEnded = false;
  #reportedAt = -Infinity;
  #cutShort: () => void = () => undefined;

  constructor(options: Pick<ResolvedRelayOptions, 'pollMs' | 'backOffMs'>) {
    this.#options = options;
    this.#lookMs = options.pollMs;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isFailing(): boolean {
    return this.#failures > 0;
  }

  /** Cuts a pause short, and has the next ones begin short. */
  wake(): void {
    this.#hasHeard = true;
    this.#lookMs = Math.min(firstLookMs, this.#options.pollMs);
    if (!this.#isDeaf) this.#cutShort();
  }

  end(): void {
    this.#isEnded = true;
    this.#cutShort();
  }

  afterSuccess(): void {
    this.#failures = 0;
  }

  async afterNothing(): Promise<void> {
    this.#failures = 0;
    const lookMs = this.#lookMs;
    this.#lookMs = Math.min(this.#options.pollMs, lookMs * 2);
    await this.#pause(lookMs);
    this.#hasHeard = false;
  }

  /** Sends shorten it to its first part only: while they come and come, each would ask what is down. */
  async afterFailure(): Promise<void> {
    const grownMs = firstFailurePauseMs * 2 ** Math.min(20, this.#failures);
    // Up to a quarter shorter, so that many relays do not come back together.
    const pauseMs = Math.min(this.#options.backOffMs, grownMs) * (1 - Math.random() / 4);
    this.#failures += 1;
    const firstMs = Math.min(firstFailurePauseMs, pauseMs);
    this.#isDeaf = true;
    await this.#pause(firstMs);
    this.#isDeaf = false;
    if (!this.#hasHeard) await this.#pause(pauseMs - firstMs);
    this.#hasHeard = false;
  }

  /** Whether an error is to be told: the first, and then one in each longest pause. */
  mayReport(): boolean {
    const now = performance.now();
    if (this.#failures > 0 && now - this.#reportedAt < this.#options.backOffMs) return false;
    this.#reportedAt = now;
    return true;
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isEnded) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#cutShort = end;
    });
  }
}
