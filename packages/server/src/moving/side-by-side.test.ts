import { expect, test } from 'vitest';
import { sideBySide } from './side-by-side.js';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let at = 0; at < count; at += 1) yield at;
}

test('does all, and never more at once than it may', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  await sideBySide(numbers(10), 3, async (one) => {
    most = Math.max(most, (now += 1));
    await new Promise((resolve) => setImmediate(resolve));
    done.push(one);
    now -= 1;
  });
  expect(done.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(most).toBe(3);
});

test.each([1, 2, 5])('tells the first fault when nothing is under way any more, %i at once', async (atOnce) => {
  let now = 0;
  const begun = sideBySide(numbers(5), atOnce, async (one) => {
    now += 1;
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    if (one === 1) throw new Error('one fails');
  });
  await expect(begun).rejects.toThrow('one fails');
  expect(now).toBe(0);
});
