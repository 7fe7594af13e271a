import { expect, test } from 'vitest';
import { VirtualTime } from './virtual-time.js';

test('events happen in the order of their times, and of their making where the time is the same', () => {
  const time = new VirtualTime();
  const happened: { at: number; index: number }[] = [];
  const planned: { at: number; index: number }[] = [];
  for (let index = 0; index < 2_000; index += 1) {
    const at = (index * 7_919) % 100;
    const cancel = time.in(at, () => happened.push({ at: time.now, index }));
    if (index % 5 === 0) cancel();
    else planned.push({ at, index });
  }
  expect(time.pending).toBe(planned.length);
  while (time.next(1_000));
  expect(happened).toEqual(planned.sort((left, right) => left.at - right.at || left.index - right.index));
  expect(time.now).toBe(1_000);
});

test('an event that was cancelled, or has happened, is cancelled once', () => {
  const time = new VirtualTime();
  const happened: number[] = [];
  const cancel = time.in(5, () => happened.push(5));
  time.in(7, () => happened.push(7));
  cancel();
  cancel();
  expect(time.pending).toBe(1);
  expect(time.next(6)).toBe(false);
  expect(time.now).toBe(6);
  expect(time.next(10)).toBe(true);
  expect(time.next(10)).toBe(false);
  expect(happened).toEqual([7]);
});
