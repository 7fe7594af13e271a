import { expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.js';

test.each([0, 1, 2, 3, 6_143, 6_144, 6_145, 20_000])(
  '%i bytes are encoded as Node encodes them, and come back',
  (length) => {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7) % 256);
    const text = encodeBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString('base64'));
    expect(decodeBase64(text)).toEqual(bytes);
  },
);

test.each(['a', 'abc', 'ab=c', '====', 'ab c', 'abc\u0000', 'abcé', 'abc\u{4141}'])('%j is none', (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});

test('the largest payload keeps nobody waiting', () => {
  const bytes = new Uint8Array(4 * 1024 * 1024).fill(120);
  // The time of the processor: what others do on the machine does not count.
  const before = process.cpuUsage();
  expect(decodeBase64(encodeBase64(bytes))).toHaveLength(bytes.length);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(1_000);
});
