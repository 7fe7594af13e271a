import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Recoveries } from './recoveries.js';

let now = 0;
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

const at = (time: number, act: () => void): void => {
  now = time;
  act();
};

test('a recovery ends with the first success that was asked for after the kill', () => {
  const recoveries = new Recoveries();
  at(100, () => recoveries.killed());
  at(150, () => recoveries.succeeded(90));
  expect(recoveries.times).toEqual([]);
  at(400, () => recoveries.succeeded(120));
  at(500, () => recoveries.succeeded(130));
  expect(recoveries.times).toEqual([300]);
});

test('kills in a row count once, from the first; one that another fault follows does not count', () => {
  const recoveries = new Recoveries();
  at(100, () => recoveries.killed());
  at(200, () => recoveries.killed());
  at(500, () => recoveries.succeeded(210));
  at(600, () => recoveries.killed());
  at(700, () => recoveries.disturbed());
  at(800, () => recoveries.succeeded(750));
  expect(recoveries.times).toEqual([400]);
});
