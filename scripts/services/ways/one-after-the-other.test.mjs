import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { oneAfterTheOther } from './one-after-the-other.mjs';

test('fetches never overlap, in the order of asking, and one that fails holds up nobody', async () => {
  /** @type {string[]} */
  const seen = [];
  /** @param {string} name */
  const fetch = (name) => async () => {
    seen.push(`${name} begins`);
    await delay(2);
    seen.push(`${name} ends`);
    if (name === 'b') throw new Error('no such package');
    return name;
  };
  const all = ['a', 'b', 'c'].map((name) => oneAfterTheOther(fetch(name)));
  const results = await Promise.allSettled(all);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
