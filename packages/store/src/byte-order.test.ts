import { describe, expect, it } from 'vitest';
import { compareBytes } from './byte-order.js';

describe('the order of bytes', () => {
  it('is that of UTF-8, also where UTF-16 differs', () => {
    const texts = ['', 'A', 'a', 'a ', 'ab', 'b', 'é', '\uffee', '\u{10000}', '\u{1f600}', '\u{1f600}a', 'a\uffee'];
    for (const left of texts) {
      for (const right of texts) {
        expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      }
    }
  });
});
