import { expect, test } from 'vitest';
import { RecentMap } from './recent-map.js';

test('what is used stays, what is not used is forgotten, and the size is bounded', () => {
  const forgotten: number[] = [];
  const map = new RecentMap<number>(10, (value) => forgotten.push(value));
  map.set('kept', -1);
  for (let index = 0; index < 100; index += 1) {
    map.set(String(index), index);
    expect(map.get('kept')).toBe(-1);
    expect(map.values().length).toBeLessThanOrEqual(10);
  }
  expect(map.get('1')).toBeUndefined();
  expect(map.get('99')).toBe(99);
  expect(forgotten).not.toContain(-1);
  expect(forgotten.length + map.values().length).toBe(101);
});
