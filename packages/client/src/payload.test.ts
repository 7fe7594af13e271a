import { expect, test } from 'vitest';
import { payloadText } from './payload.js';

test('a payload is sent as JSON, and none as an empty object', () => {
  expect(payloadText('it', { a: [1, 'ü', null], b: undefined })).toBe('{"a":[1,"ü",null]}');
  expect(payloadText('it', null)).toBe('null');
  expect(payloadText('it', undefined)).toBe('{}');
  expect(payloadText('it', { at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}');
});

function cycle(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}

test.each([
  ['a bigint', { amount: 10n }],
  ['a function', { act: () => 1 }],
  ['a function itself', () => 1],
  ['NaN', { amount: NaN }],
  ['undefined in a list', { list: [undefined] }],
  ['a symbol', Symbol('s')],
  ['a Map', { byName: new Map() }],
  ['a cycle', cycle()],
])('%s is refused, naming whose payload it is', (_, payload) => {
  expect(() => payloadText('the payload of step "debit"', payload)).toThrow(/the payload of step "debit" is not JSON/);
});

test('a cycle is refused', () => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  expect(() => payloadText('it', cycle)).toThrow(expect.objectContaining({ code: 'INVALID_PAYLOAD' }));
});
