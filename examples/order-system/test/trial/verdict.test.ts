import { expect, test } from 'vitest';
import type { Books, Order, OrderAnswer, OrderStatus } from '@tandem/example-order-system';
import { wrongs } from './verdict.js';

const supply = { items: {}, coupons: [], accounts: {} };
const order: Order = { id: '1', item: 'vase', coupon: 'a', account: 'ann', amount: 10, mode: 'saga' };
const empty: Books = { orders: [], payments: [], balances: {}, items: {}, coupons: {} };

/** What is said of one order, by what its customer heard, its row, and the coordinators' word. */
function wrongsOf(heard: OrderAnswer['status'], row: OrderStatus | undefined, decided: string | undefined): string {
  const books = { ...empty, orders: row === undefined ? [] : [{ ...order, status: row }] };
  const answer = { status: heard, reason: '' } as OrderAnswer;
  const told = [{ order, waited: true, answers: [answer] }];
  const found = wrongs({ books, decided: new Map([['1', decided]]) }, told, supply);
  return found.find((said) => said.startsWith('order 1: ')) ?? '';
}

test('what came true is not wrong', () => {
  expect(wrongsOf('confirmed', 'confirmed', 'succeed')).toBe('');
  expect(wrongsOf('refused', 'refused', 'failed')).toBe('');
  expect(wrongsOf('refused', undefined, 'failed')).toBe('');
  expect(wrongsOf('pending', 'refused', 'failed')).toBe('');
  expect(wrongsOf('unclear', 'confirmed', 'succeed')).toBe('');
  expect(wrongsOf('unclear', undefined, undefined)).toBe('');
});

test('false answers, and orders that do not end, are', () => {
  expect(wrongsOf('confirmed', 'refused', 'failed')).toMatch(/said to be confirmed, and is not/);
  expect(wrongsOf('refused', 'confirmed', 'succeed')).toMatch(/said to be refused, and is confirmed/);
  expect(wrongsOf('pending', undefined, undefined)).toMatch(/accepted, and is gone/);
  expect(wrongsOf('unclear', 'pending', 'failed')).toMatch(/pending for ever/);
  expect(wrongsOf('unclear', 'confirmed', 'failed')).toMatch(/its row says confirmed/);
  expect(wrongsOf('unclear', 'refused', 'aborting')).toMatch(/still under way/);
});
