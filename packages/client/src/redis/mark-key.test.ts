import { describe, expect, test } from 'vitest';
import { hashTagOf, markKey, slotOf } from './mark-key.js';

describe('where the marks of a key lie', () => {
  test('the slot is the one that Redis Cluster specifies', () => {
    expect(slotOf('123456789')).toBe(0x31c3);
    expect(slotOf('')).toBe(0);
  });

  test.each([
    ['stock', 'stock'],
    ['{order-7}:stock', 'order-7'],
    ['a{b}c{d}', 'b'],
    ['{{a}}', '{a'],
    ['{a', '{a'],
    ['a{b', 'a{b'],
  ])('%j has the tag %j', (key, tag) => {
    expect(hashTagOf(key)).toBe(tag);
    expect(markKey(key, 'g')).toBe(`tandem:{${tag}}:g`);
  });

  test('a key that cannot be a tag gets one of its slot, of whatever slot', () => {
    for (let number = 0; number < 200; number += 1) {
      for (const key of [`a}${number}`, `{}${number}`, `}{${number}`, `{}{${number}}`]) {
        const tag = hashTagOf(key);
        expect(tag).toMatch(/^[0-o]{3}$/);
        if (slotOf(tag) !== slotOf(key)) expect.fail(`${tag} is not in the slot of ${key}`);
      }
    }
  });
});
