import { describe, expect, test } from 'vitest';
import { discrepancies, sumsOf, type Books } from './books.js';
import type { Supply } from './stores.js';

const supply: Supply = { items: { vase: 3 }, coupons: ['a', 'b'], accounts: { ann: 100 } };
const order = { item: 'vase', account: 'ann', amount: 10 };

const balanced: Books = {
  orders: [
    { ...order, id: '1', coupon: 'a', status: 'confirmed' },
    { ...order, id: '2', coupon: 'b', status: 'refused' },
  ],
  payments: [
    { order: '1', account: 'ann', amount: 10, status: 'paid' },
    { order: '2', account: 'ann', amount: 10, status: 'refunded' },
  ],
  balances: { ann: 90 },
  items: { vase: { leftOver: 2, held: 0 } },
  coupons: { a: 0, b: 1 },
};

describe('the books', () => {
  test('balance where each confirmed order took one piece, one coupon and its price, and no other did', () => {
    expect(discrepancies(balanced, supply)).toEqual([]);
    expect(sumsOf(balanced, supply)).toEqual({ confirmed: 1, taken: 1, used: 1, paid: 1 });
  });

  const [first] = balanced.orders;
  const wrong: readonly (readonly [string, Partial<Books>, RegExp])[] = [
    [
      'an order that never ends',
      { orders: [...balanced.orders, { ...order, id: '3', coupon: 'b', status: 'pending' }] },
      /still pending/,
    ],
    ['a piece too many', { items: { vase: { leftOver: 1, held: 0 } } }, /2 were taken, 1 are ordered/],
    ['a piece given back that nobody took', { items: { vase: { leftOver: 4, held: 0 } } }, /-1 were taken/],
    ['a piece that is held for ever', { items: { vase: { leftOver: 2, held: 1 } } }, /1 are still held/],
    ['a coupon that a refused order used', { coupons: { a: 0, b: 0 } }, /coupon b: 0 left, used by 0/],
    ['a coupon that was given back twice', { coupons: { a: 1, b: 1 } }, /coupon a: 1 left, used by 1/],
    ['an order that nobody paid', { payments: [], balances: { ann: 100 } }, /order 1 is confirmed, and not paid/],
    ['a wrong price', { payments: [{ order: '1', account: 'ann', amount: 11, status: 'paid' }] }, /not paid/],
    [
      'a payment that is reserved for ever',
      { payments: [...balanced.payments, { order: '3', account: 'ann', amount: 1, status: 'reserved' }] },
      /still reserved/,
    ],
    [
      'a payment without an order',
      { orders: balanced.orders.slice(1), coupons: { a: 1, b: 1 }, items: { vase: { leftOver: 3, held: 0 } } },
      /1 payments for 0/,
    ],
    ['money that is gone', { balances: { ann: 80 } }, /ann has 80, had 100 and paid 10/],
  ];

  test.each(wrong)('do not balance with %s', (_, change, said) => {
    expect(discrepancies({ ...balanced, ...change }, supply).join('\n')).toMatch(said);
  });

  test('do not balance where more was sold than there was', () => {
    const orders = Array.from({ length: 4 }, (_, at) => ({ ...order, ...first, id: `${at}`, coupon: 'a' }));
    const found = discrepancies({ ...balanced, orders } as Books, supply);
    expect(found).toContain('vase: 4 of 3 were sold');
  });
});
