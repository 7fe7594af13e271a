import { describe, expect, test } from 'vitest';
import { discrepancies, type Books } from './books.js';
import type { Told } from './purchase.js';

const bought = (buyer: string): [string, Told] => [buyer, { told: 'bought', order: `sale-${buyer}-1` }];
const order = (buyer: string, attempt = 1): Books['orders'][number] => ({ id: `sale-${buyer}-${attempt}`, buyer });
const soldOut = (buyer: string): [string, Told] => [buyer, { told: 'sold out' }];

describe('the books of a sale of two pieces', () => {
  test('balance where every piece is an order, and everybody was told the truth', () => {
    const told = new Map([bought('ann'), bought('bob'), soldOut('carl')]);
    expect(discrepancies({ left: 0, orders: [order('ann'), order('bob')] }, 2, told)).toEqual([]);
  });

  test.each([
    ['a piece is taken and no order is there', { left: 0, orders: [order('ann')] }, [bought('ann')]],
    ['an order is there and no piece was taken', { left: 2, orders: [order('ann')] }, [bought('ann')]],
    ['more is sold than there is', { left: -1, orders: [order('ann'), order('bob'), order('carl')] }, []],
    ['a buyer has two', { left: 0, orders: [order('ann'), order('ann', 2)] }, [bought('ann')]],
    ['"bought" was a lie', { left: 1, orders: [order('bob')] }, [bought('ann')]],
    ['the order is another than the one that was told', { left: 1, orders: [order('ann', 2)] }, [bought('ann')]],
    ['"sold out" was a lie', { left: 1, orders: [order('ann')] }, [soldOut('ann')]],
  ] as const)('do not balance where %s', (_what, books, told) => {
    expect(discrepancies(books, 2, new Map(told))).toHaveLength(1);
  });
});
