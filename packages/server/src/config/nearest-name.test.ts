import { expect, test } from 'vitest';
import { suggestion } from './nearest-name.js';

test('a mistyped name is answered with the nearest known one', () => {
  expect(suggestion('HtpPort', ['HttpPort', 'GrpcPort'])).toBe(' (did you mean HttpPort?)');
  expect(suggestion('httpport', ['HttpPort'])).toBe(' (did you mean HttpPort?)');
});

test('a name that was cut short is answered with the first one that has its words', () => {
  const flags = ['--host', '--http-port', '--grpc-port', '--saga-retry-interval'];
  expect(suggestion('--port', flags)).toBe(' (did you mean --http-port?)');
  expect(suggestion('--retry-interval', flags)).toBe(' (did you mean --saga-retry-interval?)');
  expect(suggestion('--hots', flags)).toBe(' (did you mean --host?)');
  expect(suggestion('Port', ['Host', 'HttpPort'])).toBe(' (did you mean HttpPort?)');
});

test('a name that is close to none is answered with nothing', () => {
  expect(suggestion('Elephant', ['HttpPort', 'Host'])).toBe('');
  expect(suggestion('x', [])).toBe('');
});
