import { expect, test } from 'vitest';
import { PieceBuffer } from './piece-buffer.js';

test.each([0, 1, 2, 1_024, 5_000])('%i pieces are joined in their order', (count) => {
  const pieces = new PieceBuffer();
  const bytes = Array.from({ length: count }, (_, index) => index % 251);
  for (const byte of bytes) pieces.push(Buffer.from([byte]));
  expect(pieces.byteLength).toBe(count);
  expect([...pieces.joined()]).toEqual(bytes);
});

test('more pieces than anybody needs are refused, however small', () => {
  const pieces = new PieceBuffer();
  const byte = Buffer.from('x');
  for (let count = 0; count < 65_536; count += 1) pieces.push(byte);
  expect(() => {
    pieces.push(byte);
  }).toThrow('it comes in more than 65536 pieces');
});
