import type { Narrator } from '@tandem/example-stage';
import { placeOrder } from '../customer.js';
import type { Order, OrderAnswer } from '../order.js';
import { discrepancies, readBooks, sumsOf, type Books } from '../system/books.js';
import type { System } from '../system/open-system.js';
import type { Stores, Supply } from '../system/stores.js';

export type Wish = Omit<Order, 'id'>;

/** A gid is one transaction for ever: an id of an earlier run, on the same servers, would be known to their barriers. */
const run = Date.now().toString(36);

const balanceLimitMs = 90_000;
const pollMs = 50;

interface StageOptions {
  readonly stores: Stores;
  readonly supply: Supply;
  /** Ends the story. */
  readonly stop: AbortSignal;
}

/** What the scenarios have at hand. */
export class Stage {
  readonly story: Narrator;
  readonly system: System;
  readonly #stores: Stores;
  readonly #supply: Supply;
  readonly #stop: AbortSignal;
  #count = 0;

  constructor(story: Narrator, system: System, { stores, supply, stop }: StageOptions) {
    this.story = story;
    this.system = system;
    this.#stores = stores;
    this.#supply = supply;
    this.#stop = stop;
  }

  /** Orders, waits for the outcome, and tells both. */
  async order(wish: Wish): Promise<OrderAnswer> {
    const order = this.#named(wish);
    const answer = await placeOrder(this.system.url, order, { wait: true });
    // What is stopped answers nothing, which is no part of the story.
    this.#stop.throwIfAborted();
    this.story.line(`${described(order)}: ${saidBy(answer)}`);
    return answer;
  }

  /** Orders, and does not wait for the outcome. */
  async begin(wish: Wish): Promise<OrderAnswer> {
    return placeOrder(this.system.url, this.#named(wish), { wait: false });
  }

  /** The books as soon as they are as wanted, or as they are when the patience is over. */
  async booksWhen(isAsWanted: (books: Books) => boolean): Promise<Books> {
    const givenUpAt = performance.now() + balanceLimitMs;
    for (;;) {
      const books = await readBooks(this.#stores, this.#supply);
      this.#stop.throwIfAborted();
      if (isAsWanted(books) || performance.now() > givenUpAt) return books;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  /** Waits until nothing is under way, tells the four sums, and checks that they are the same number. */
  async balance(confirmed: number): Promise<void> {
    const isBalanced = (books: Books): boolean =>
      books.orders.filter(({ status }) => status === 'confirmed').length === confirmed &&
      discrepancies(books, this.#supply).length === 0;
    const books = await this.booksWhen(isBalanced);
    const sums = sumsOf(books, this.#supply);
    for (const said of discrepancies(books, this.#supply)) this.story.line(said);
    const each = `orders ${sums.confirmed}, stock ${sums.taken}, coupons ${sums.used}, payments ${sums.paid}`;
    this.story.check(`the books balance: ${each}`, isBalanced(books));
  }

  #named(wish: Wish): Order {
    this.#count += 1;
    return { id: `${run}-${this.#count}`, ...wish };
  }
}

function described({ id, mode, account, item, coupon }: Order): string {
  return `${id.padEnd(11)} ${mode.padEnd(4)} ${account} orders a ${item} with ${coupon}`;
}

function saidBy(answer: OrderAnswer): string {
  return 'reason' in answer ? `${answer.status}, ${answer.reason}` : answer.status;
}
