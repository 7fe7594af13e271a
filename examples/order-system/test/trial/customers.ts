/** Customers who order, some of whom wait for the outcome, and what each of them was told. */
import { placeOrder, type Order, type OrderAnswer, type Supply } from '@tandem/example-order-system';
import type { Random } from '@tandem/torture/random';

export interface Told {
  readonly order: Order;
  readonly waited: boolean;
  /** All that its customer heard, in order. */
  readonly answers: readonly OrderAnswer[];
}

const poor = 'poor';
const sharesOf = { hot: 0.7, reusedCoupon: 0.12, poor: 0.08, tcc: 0.5, waits: 0.5, asksAgain: 0.7 };
const asksMax = 4;

/** Pieces of the item that most want: fewer than are ordered. */
export function supplyFor(count: number): Supply {
  const accounts = Array.from({ length: 40 }, (_, at) => [`customer-${at}`, 100_000_000] as const);
  return {
    items: { ticket: Math.floor(count * 0.35), poster: count },
    coupons: Array.from({ length: count }, (_, at) => couponOf(at)),
    accounts: { ...Object.fromEntries(accounts), [poor]: 500 },
  };
}

/** `run`: in every order's id, since a gid is one transaction for ever, and barriers of earlier runs on the same servers know theirs. */
export function drawOrders(count: number, random: Random, run: string): Order[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `${run}-${at}`,
    mode: random.chance(sharesOf.tcc) ? 'tcc' : 'saga',
    item: random.chance(sharesOf.hot) ? 'ticket' : 'poster',
    // One that somebody ordered with shortly before, or is about to.
    coupon: couponOf(random.chance(sharesOf.reusedCoupon) ? Math.max(0, at - random.integer(1, 20)) : at),
    account: random.chance(sharesOf.poor) ? poor : `customer-${random.integer(0, 39)}`,
    amount: random.integer(1_000, 9_999),
  }));
}

function couponOf(at: number): string {
  return `c-${at}`;
}

export interface CustomersOptions {
  readonly url: string;
  readonly orders: readonly Order[];
  readonly random: Random;
  /** How many order at once. */
  readonly atOnce: number;
}

/** Resolves when all have ordered. */
export async function orderAll({ url, orders, random, atOnce }: CustomersOptions): Promise<Told[]> {
  // Drawn beforehand: who comes next depends on how fast the system is.
  const wishes = orders.map((order) => ({
    order,
    waited: random.chance(sharesOf.waits),
    asksAgain: random.chance(sharesOf.asksAgain),
  }));
  const told: Told[] = [];
  const waiting = wishes.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const { order, waited, asksAgain } of waiting) {
        const answers: OrderAnswer[] = [];
        for (let asks = 0; asks < (asksAgain ? asksMax : 1); asks += 1) {
          const answer = await placeOrder(url, order, { wait: waited });
          answers.push(answer);
          const isClear = answer.status !== 'unclear' && !(waited && answer.status === 'pending');
          if (isClear) break;
          await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** asks));
        }
        told.push({ order, waited, answers });
      }
    }),
  );
  return told;
}
