import { expect, test } from 'vitest';
import { Seldom } from './seldom.js';

test('one of a kind passes in each interval, and the next one tells how many were held back', () => {
  let now = 0;
  const seldom = new Seldom(1_000, () => now);
  expect(seldom.pass('a')).toBe(0);
  expect(seldom.pass('a')).toBeUndefined();
  expect(seldom.pass('a')).toBeUndefined();
  expect(seldom.pass('b')).toBe(0);
  now = 1_000;
  expect(seldom.pass('a')).toBe(2);
  now = 2_000;
  expect(seldom.pass('a')).toBe(0);
});
