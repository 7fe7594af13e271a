import { expect, test } from 'vitest';
import { systemRandom } from './system-random.js';

test('random bytes are lower-case hex, as many as asked for, and do not repeat when the pool is filled again', () => {
  const all = Array.from({ length: 2_000 }, () => systemRandom.hex(8));
  for (const hex of all) expect(hex).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(all).size).toBe(2_000);
});
