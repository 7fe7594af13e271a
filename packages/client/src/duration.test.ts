import { expect, test } from 'vitest';
import { durationMs, durationSeconds, type Duration } from './duration.js';

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.1s', 1_100],
  ['0.2ms', 1],
  ['0s', 0],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
] as const)('%s is %d ms', (text, ms) => {
  expect(durationMs('timeout', text)).toBe(ms);
});

test('seconds are rounded up, so that a short time never becomes none', () => {
  expect(durationSeconds('timeout', '1ms')).toBe(1);
  expect(durationSeconds('timeout', '1.5s')).toBe(2);
});

test.each(['30', '-1s', '1e3s', 's', '5 m', ''])('"%s" is refused, naming the option', (text) => {
  expect(() => durationMs('retry.interval', text as Duration)).toThrow(/retry\.interval must be a duration/);
});
