import { expect, test } from 'vitest';
import { median, medianRun } from './median-run.mjs';

test('the median of an odd number of values is the one in the middle, of an even number between two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
  expect(median([])).toBeNaN();
});

test('the run in the middle is taken whole, and of two the slower one', () => {
  const runs = [
    { perSecond: 30, p99Ms: 1 },
    { perSecond: 10, p99Ms: 3 },
    { perSecond: 20, p99Ms: 2 },
  ];
  expect(medianRun(runs).p99Ms).toBe(2);
  expect(medianRun(runs.slice(0, 2)).p99Ms).toBe(3);
});
