import { expect, test } from 'vitest';
import { formatCallTimeout, parseCallTimeout } from './call-timeout.js';

test.each([
  ['250m', 250],
  ['3S', 3_000],
  ['2M', 120_000],
  ['1H', 3_600_000],
  ['500000u', 500],
  ['5000000n', 5],
])('%s leaves %d ms', (header, ms) => {
  expect(parseCallTimeout(header)).toBeCloseTo(ms);
});

test.each(['', '3', 'S', '-1S', '1.5S', '123456789m', '3s', '3S '])('%j is no timeout', (header) => {
  expect(parseCallTimeout(header)).toBeUndefined();
});

test.each([
  [3_000, '3000m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [0.5, '0m'],
])('%d ms is %s', (ms, header) => {
  expect(formatCallTimeout(ms)).toBe(header);
});
