/** The buyers: each wants one piece, and asks until told whether it is his. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Purchase, Told } from './purchase.js';

export interface BuyersOptions {
  /** Where the shop is. */
  readonly url: string;
  /** Ends the asking of all. */
  readonly stop: AbortSignal;
}

/** Longer than the shop waits for anybody. */
const patienceMs = 15_000;
const pauseMs = 100;

export class Buyers {
  readonly #options: BuyersOptions;
  readonly #told = new Map<string, Told>();
  #bought = 0;
  #waiting: { readonly bought: number; readonly resolve: () => void }[] = [];

  constructor(options: BuyersOptions) {
    this.#options = options;
  }

  /** What each was told in the end. */
  get told(): ReadonlyMap<string, Told> {
    return this.#told;
  }

  /** Resolves when so many have been told that they have bought. */
  untilBought(bought: number): Promise<void> {
    if (this.#bought >= bought) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ bought, resolve }));
  }

  /** All of them, so many at a time; resolves when everybody has been told. */
  async come(names: readonly string[], atATime: number): Promise<void> {
    const queue = [...names].reverse();
    const one = async (): Promise<void> => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) await this.buy(name);
    };
    await Promise.all(Array.from({ length: atATime }, one));
  }

  /** One, who asks until told, from this attempt on. */
  async buy(buyer: string, attempt = 1): Promise<Told> {
    for (;;) {
      const told = await this.ask({ buyer, attempt });
      if (told.told === 'bought' || told.told === 'sold out') return this.#remember(buyer, told);
      if (told.told === 'given up') attempt += 1;
      else await delay(pauseMs);
    }
  }

  /** One request. */
  async ask(purchase: Purchase): Promise<Told> {
    const { url, stop } = this.#options;
    stop.throwIfAborted();
    try {
      const signal = AbortSignal.timeout(patienceMs);
      const response = await fetch(`${url}/buy`, { method: 'POST', body: JSON.stringify(purchase), signal });
      return (await response.json()) as Told;
    } catch (error) {
      return { told: 'unclear', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  #remember(buyer: string, told: Told): Told {
    this.#told.set(buyer, told);
    if (told.told === 'bought') this.#bought += 1;
    const isReached = ({ bought }: { readonly bought: number }): boolean => bought <= this.#bought;
    for (const { resolve } of this.#waiting.filter(isReached)) resolve();
    this.#waiting = this.#waiting.filter((one) => !isReached(one));
    return told;
  }
}
