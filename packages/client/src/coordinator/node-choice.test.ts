import { describe, expect, test } from 'vitest';
import { InvalidUse } from '../errors.js';
import { placeFor, placesOf } from './node-choice.js';

const three = ['a', 'b', 'c'] as const;

describe('the choice among several coordinators', () => {
  test('a gid has its place, and each repeat the next one', () => {
    const first = placeFor(three, 'order-1', 0);
    expect(placeFor(three, 'order-1', 0)).toBe(first);
    expect(new Set([0, 1, 2].map((repeat) => placeFor(three, 'order-1', repeat)))).toEqual(new Set(three));
    expect(placeFor(three, 'order-1', 3)).toBe(first);
  });

  test('gids are spread over all places', () => {
    const counts = new Map<string, number>();
    for (let number = 0; number < 300; number += 1) {
      const place = placeFor(three, `order-${number}`, 0);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect([...counts.values()].every((count) => count > 50)).toBe(true);
    expect(counts.size).toBe(3);
  });

  test('one text is one place, and no place is a mistake', () => {
    expect(placesOf('url', 'a')).toEqual(['a']);
    expect(placesOf('url', ['a', 'b'])).toEqual(['a', 'b']);
    expect(() => placesOf('url', [])).toThrow(InvalidUse);
  });
});
