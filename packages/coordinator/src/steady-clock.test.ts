import { expect, test } from 'vitest';
import { steadyClock } from './steady-clock.js';

function machine() {
  const at = { monotonic: 500, wall: 1_800_000_000_000, uptime: 90_000 };
  const steady = steadyClock({ monotonic: () => at.monotonic, wall: () => at.wall, uptime: () => at.uptime });
  const pass = (ms: number): void => {
    at.monotonic += ms;
    at.wall += ms;
    at.uptime += ms;
  };
  return { at, steady, pass };
}

test('measures what passes, whatever is done to the wall clock', () => {
  const { at, steady, pass } = machine();
  const before = steady();
  pass(1_000);
  at.wall += 600_000;
  expect(steady() - before).toBe(1_000);
  at.wall -= 7_200_000;
  pass(250);
  expect(steady() - before).toBe(1_250);
});

test('counts the time in which the machine slept', () => {
  const { at, steady, pass } = machine();
  const before = steady();
  at.wall += 3_600_000;
  at.uptime += 3_600_000;
  expect(steady() - before).toBe(3_600_000);
  pass(40);
  at.wall += 600_000;
  expect(steady() - before).toBe(3_600_040);
});

test('is that of this machine where nothing else is said', () => {
  const steady = steadyClock();
  const before = steady();
  expect(steady()).toBeGreaterThanOrEqual(before);
});
