import { expect, test } from 'vitest';
import { SeededRandom } from './seeded-random.js';
import { VirtualTime } from './virtual-time.js';

test('events happen in the order of their times, and of their making where the time is the same', () => {
  const random = new SeededRandom(1, 'times');
  const time = new VirtualTime();
  const happened: { at: number; index: number }[] = [];
  const planned: { at: number; index: number }[] = [];
  for (let index = 0; index < 2_000; index += 1) {
    const at = random.below(100);
    const cancel = time.in(at, () => happened.push({ at: time.now, index }));
    if (random.chance(0.2)) cancel();
    else planned.push({ at, index });
  }
  expect(time.pending).toBe(planned.length);
  while (time.next(1_000));
  expect(happened).toEqual(planned.sort((left, right) => left.at - right.at || left.index - right.index));
  expect(time.now).toBe(1_000);
});
