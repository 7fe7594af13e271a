import { expect, test } from 'vitest';
import { Restarts } from './restarts.js';

test('the first start comes soon, further ones later and later, and then none', () => {
  const restarts = new Restarts();
  const delays = Array.from({ length: 9 }, () => restarts.delayAfterDeath(0));
  expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, undefined]);
});

test('deaths of more than a minute ago are forgotten', () => {
  const restarts = new Restarts();
  for (let death = 0; death < 8; death += 1) restarts.delayAfterDeath(death);
  expect(restarts.delayAfterDeath(60_007)).toBe(200);
});
