import { expect, test } from 'vitest';
import { suggestion } from './nearest-name.js';

test('a mistyped name is answered with the nearest known one', () => {
  expect(suggestion('HtpPort', ['HttpPort', 'GrpcPort'])).toBe(' (did you mean HttpPort?)');
  expect(suggestion('httpport', ['HttpPort'])).toBe(' (did you mean HttpPort?)');
});

test('a name that is close to none is answered with nothing', () => {
  expect(suggestion('Elephant', ['HttpPort', 'Host'])).toBe('');
  expect(suggestion('x', [])).toBe('');
});
