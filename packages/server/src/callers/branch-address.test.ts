import { TandemError } from '@tandem/protocol';
import { expect, test } from 'vitest';
import { parseBranchAddress } from './branch-address.js';

test.each([
  ['http://host/a', 'http://host', '/a?'],
  ['http://host', 'http://host', '/?'],
  ['http://host:8080/a?x=1', 'http://host:8080', '/a?x=1&'],
  ['http://host/a?x=1&', 'http://host', '/a?x=1&'],
  ['http://host/a%20b?y=%2f+z#part', 'http://host', '/a%20b?y=%2f+z&'],
  ['HTTPS://Host:443/A', 'https://host', '/A?'],
  ['http://[::1]:80/a', 'http://[::1]', '/a?'],
])('%s keeps its own path and query', (url, origin, pathPrefix) => {
  expect(parseBranchAddress(url)).toEqual({ origin, pathPrefix, authorization: '' });
});

test('a user and a password in the URL become a header', () => {
  const { authorization } = parseBranchAddress('http://user:p%40ss@host/a');
  expect(authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
});

test('a malformed URL is refused', () => {
  expect(() => parseBranchAddress('http://host:99999/')).toThrow(TandemError);
});
