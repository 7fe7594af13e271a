import { expect, test } from 'vitest';
import { Random } from './random.js';

const ten = (random: Random): number[] => Array.from({ length: 10 }, () => random.integer(1, 100));

test('a seed gives the same numbers again, another one others', () => {
  expect(ten(new Random(7))).toEqual(ten(new Random(7)));
  expect(ten(new Random(7))).not.toEqual(ten(new Random(8)));
});

test('a fork is its own, whatever was drawn before it', () => {
  const used = new Random(7);
  ten(used);
  expect(ten(used.fork('a'))).toEqual(ten(new Random(7).fork('a')));
  expect(ten(used.fork('a'))).not.toEqual(ten(used.fork('b')));
});

test('both ends are drawn, and nothing beyond', () => {
  const random = new Random(1);
  const drawn = new Set(Array.from({ length: 200 }, () => random.integer(1, 3)));
  expect([...drawn].sort()).toEqual([1, 2, 3]);
});

test('a shuffle keeps every item', () => {
  expect(new Random(1).shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
});
