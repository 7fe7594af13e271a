import { afterEach, describe, expect, test, vi } from 'vitest';
import { InvalidUse } from '../errors.js';
import { NodeChoice, placesOf } from './node-choice.js';

const three = ['a', 'b', 'c'];
const nobody: ReadonlySet<string> = new Set();

afterEach(() => vi.useRealTimers());

describe('the choice among several coordinators', () => {
  test('a gid has its place, and each repeat the next one', () => {
    const nodes = new NodeChoice(three);
    const first = nodes.next('order-1', 0, nobody);
    expect(nodes.next('order-1', 0, nobody)).toBe(first);
    expect(new Set([0, 1, 2].map((repeat) => nodes.next('order-1', repeat, nobody)))).toEqual(new Set(three));
    expect(nodes.next('order-1', 3, nobody)).toBe(first);
  });

  test('gids are spread over all places', () => {
    const nodes = new NodeChoice(three);
    const counts = new Map<string | undefined, number>();
    for (let number = 0; number < 300; number += 1) {
      const place = nodes.next(`order-${number}`, 0, nobody);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    expect([...counts.values()].every((count) => count > 50)).toBe(true);
    expect(counts.size).toBe(3);
  });

  test('who is being asked is not asked beside it', () => {
    const nodes = new NodeChoice(three);
    const rest = new Set([0, 1, 2, 3].map((repeat) => nodes.next('order-1', repeat, new Set(['b']))));
    expect(rest).toEqual(new Set(['a', 'c']));
    expect(nodes.next('order-1', 0, new Set(three))).toBeUndefined();
  });

  test('who was silent is asked last, until he has answered', () => {
    const nodes = new NodeChoice(three);
    const first = nodes.next('order-1', 0, nobody) ?? '';
    nodes.silent(first);
    expect([0, 1, 2].map((repeat) => nodes.next('order-1', repeat, nobody))).not.toContain(first);
    const others = new Set(three.filter((place) => place !== first));
    expect(nodes.next('order-1', 0, others)).toBe(first);
    nodes.answered(first);
    expect(nodes.next('order-1', 0, nobody)).toBe(first);
  });

  test('after ten seconds one request tries him again, and the others wait for what it finds', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const nodes = new NodeChoice(three);
    const first = nodes.next('order-1', 0, nobody) ?? '';
    nodes.silent(first);
    vi.advanceTimersByTime(9_999);
    expect(nodes.next('order-1', 0, nobody)).not.toBe(first);
    vi.advanceTimersByTime(1);
    expect(nodes.next('order-1', 0, nobody)).toBe(first);
    expect(nodes.next('order-1', 0, nobody)).not.toBe(first);
  });

  test('where all were silent, it is as if none had been', () => {
    const nodes = new NodeChoice(three);
    const before = [0, 1, 2].map((repeat) => nodes.next('order-1', repeat, nobody));
    for (const place of three) nodes.silent(place);
    expect([0, 1, 2].map((repeat) => nodes.next('order-1', repeat, nobody))).toEqual(before);
  });

  test('one text is one place, and no place is a mistake', () => {
    expect(placesOf('url', 'a')).toEqual(['a']);
    expect(placesOf('url', ['a', 'b'])).toEqual(['a', 'b']);
    expect(() => placesOf('url', [])).toThrow(InvalidUse);
  });
});
