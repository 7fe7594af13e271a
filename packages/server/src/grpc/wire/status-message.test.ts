import { expect, test } from 'vitest';
import { decodeStatusMessage, encodeStatusMessage } from './status-message.js';

test.each([
  ['no money', 'no money'],
  ['100% sure', '100%25 sure'],
  ['ü\n', '%C3%BC%0A'],
  ['漢', '%E6%BC%A2'],
  ['', ''],
])('%j is %j on the wire and back', (message, header) => {
  expect(encodeStatusMessage(message)).toBe(header);
  expect(decodeStatusMessage(header)).toBe(message);
});

test.each(['50% off', '%', '%zz', 'a%4'])('%j, which nobody encoded, stays as it is', (header) => {
  expect(decodeStatusMessage(header)).toBe(header);
});

test('a long message is cut, so that the block of headers stays small', () => {
  expect(encodeStatusMessage('x'.repeat(100_000))).toHaveLength(2_048);
});
