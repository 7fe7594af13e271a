import type { Store } from '@tandem/store';
import type { StoreClock } from './store-clock.js';

/** Between two looks at the engine's clock: clocks that are right drift by less than a millisecond meanwhile. */
const everyMs = 5_000;
/** As long as the time is not known so well as wanted. */
const soonMs = 500;
const errorMsWanted = 100;
const pingsAtOnce = 3;

/** Keeps the store's clock by asking its engine now and then; an engine without a clock is asked once. */
export class EngineTime {
  readonly #store: Store;
  readonly #clock: StoreClock;
  readonly #fault: (error: unknown) => void;
  #hasClock: boolean | undefined;
  #known: (() => void) | undefined;
  #isStopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor(store: Store, clock: StoreClock, fault: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#fault = fault;
  }

  /** Asks until the time is known well, a few times at most. Rejects with the store's fault. */
  async read(): Promise<void> {
    for (let pings = 0; pings < pingsAtOnce && !this.#isGoodEnough; pings += 1) await this.#ping();
  }

  /**
   * Reads, if nobody has, and keeps it from now on; a fault is reported, and tried again soon. `known` is called once, when the
   * time has been told, or that the engine has none.
   */
  async start(known: () => void): Promise<void> {
    this.#known = known;
    await this.#look(() => this.read());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
  }

  get #isGoodEnough(): boolean {
    return this.#hasClock === false || (this.#clock.errorMs ?? Infinity) <= errorMsWanted;
  }

  async #look(read: () => Promise<void>): Promise<void> {
    await read().catch(this.#fault);
    if (this.#isStopped) return;
    if (this.#hasClock !== undefined) this.#tellKnown();
    if (this.#hasClock === false) return;
    this.#cancelTimer = this.#clock.setTimer(this.#isGoodEnough ? everyMs : soonMs, () => {
      void this.#look(() => this.#ping());
    });
  }

  #tellKnown(): void {
    const known = this.#known;
    this.#known = undefined;
    known?.();
  }

  async #ping(): Promise<void> {
    const sentAt = this.#clock.steady();
    const { engineNow } = await this.#store.ping();
    this.#hasClock = engineNow !== undefined;
    if (engineNow !== undefined) this.#clock.learn({ engineNow, sentAt, answeredAt: this.#clock.steady() });
  }
}
