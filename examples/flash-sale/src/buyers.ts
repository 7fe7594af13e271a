/** The buyers: each wants one piece, and asks until told whether it is his. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Purchase, Told } from './purchase.js';

export interface BuyersOptions {
  /** Where the shop is. */
  readonly url: string;
  /** Ends the asking of all. */
  readonly stop: AbortSignal;
  /** How often this one presses the button for one attempt, at the same moment. Default: once. */
  readonly clicks?: (buyer: string) => number;
}

/** Longer than the shop waits for anybody. */
const patienceMs = 15_000;
const pauseMs = 100;

export class Buyers {
  /** Who was told two things about one attempt that cannot both be so. */
  readonly contradictions: string[] = [];
  readonly #options: BuyersOptions;
  readonly #told = new Map<string, Told>();
  #bought = 0;
  #waiting: { readonly isSo: () => boolean; readonly resolve: () => void }[] = [];

  constructor(options: BuyersOptions) {
    this.#options = options;
  }

  /** What each was told in the end. */
  get told(): ReadonlyMap<string, Told> {
    return this.#told;
  }

  /** Resolves when so many have been told that they have bought. */
  untilBought(bought: number): Promise<void> {
    return this.#until(() => this.#bought >= bought);
  }

  /** Resolves when so many have been told, whatever it was. */
  untilTold(told: number): Promise<void> {
    return this.#until(() => this.#told.size >= told);
  }

  /** All of them, so many at a time; resolves when everybody has been told. */
  async come(names: readonly string[], atATime: number): Promise<void> {
    const queue = [...names].reverse();
    const one = async (): Promise<void> => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) await this.buy(name);
    };
    await Promise.all(Array.from({ length: atATime }, one));
  }

  /** One, who asks until told whether the piece is his, from this attempt on. */
  async buy(buyer: string, attempt = 1): Promise<Told> {
    for (;;) {
      const told = await this.askUntilClear({ buyer, attempt });
      if (told.told !== 'given up') return this.#remember(buyer, told);
      attempt += 1;
    }
  }

  /** One attempt, sent until the answer is clear. */
  async askUntilClear(purchase: Purchase): Promise<Told> {
    for (;;) {
      const told = await this.#click(purchase);
      if (told.told !== 'unclear') return told;
      await delay(pauseMs);
    }
  }

  async #click(purchase: Purchase): Promise<Told> {
    const clicks = this.#options.clicks?.(purchase.buyer) ?? 1;
    const all = await Promise.all(Array.from({ length: clicks }, () => this.ask(purchase)));
    const clear = all.filter(({ told }) => told !== 'unclear');
    const bought = clear.find(({ told }) => told === 'bought');
    if (bought !== undefined && clear.some(({ told }) => told !== 'bought')) {
      this.contradictions.push(`${purchase.buyer} was told ${clear.map(({ told }) => `"${told}"`).join(' and ')}`);
    }
    return bought ?? clear[0] ?? { told: 'unclear', reason: 'no clear answer' };
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
    for (const { resolve } of this.#waiting.filter(({ isSo }) => isSo())) resolve();
    this.#waiting = this.#waiting.filter(({ isSo }) => !isSo());
    return told;
  }

  #until(isSo: () => boolean): Promise<void> {
    return isSo() ? Promise.resolve() : new Promise((resolve) => this.#waiting.push({ isSo, resolve }));
  }
}
