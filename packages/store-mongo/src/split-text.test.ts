import { expect, it } from 'vitest';
import { splitText } from './split-text.js';

it('gives pieces that join to the text, none too long and none with half a character', () => {
  for (const text of [
    '',
    'a',
    'abcd',
    'abcde',
    '\u{1f600}'.repeat(7),
    'a' + '\u{1f600}'.repeat(7),
    'ab\u{1f600}cd日本',
  ]) {
    for (const sizeMax of [2, 3, 4, 100]) {
      const pieces = splitText(text, sizeMax);
      expect(pieces.join('')).toBe(text);
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(sizeMax);
        expect(Buffer.from(piece).toString()).toBe(piece);
      }
    }
  }
});
