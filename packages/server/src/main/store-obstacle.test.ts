import { expect, test } from 'vitest';
import { storeObstacle } from './store-obstacle.js';

const coded = (code: string | number, message = 'x') => Object.assign(new Error(message), { code });

test.each([
  [coded('ECONNREFUSED'), 'unreachable'],
  [new Error('outer', { cause: new AggregateError([coded('EHOSTUNREACH'), coded('ECONNREFUSED')]) }), 'unreachable'],
  [coded('57P03'), 'starting'],
  [new Error('LOADING Redis is loading the dataset in memory'), 'starting'],
  [coded('53300'), 'connections'],
  [coded('26000'), 'pooler'],
  [coded('42P05'), 'pooler'],
  [coded('28P01'), 'credentials'],
  [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), 'credentials'],
  [coded('ER_ACCESS_DENIED_ERROR'), 'credentials'],
  [new Error('Redis at h:1: x', { cause: new Error('WRONGPASS invalid username-password pair') }), 'credentials'],
  [coded(18), 'credentials'],
  [coded('3D000'), 'database'],
  [coded('ER_BAD_DB_ERROR'), 'database'],
  [coded('42501'), 'permission'],
  [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'certificate'],
  [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate'],
  [new Error('anything else'), undefined],
  ['no error', undefined],
])('%s: %s', (error, obstacle) => {
  expect(storeObstacle(error)).toBe(obstacle);
});

test('causes in a circle come to an end', () => {
  const one = new Error('one');
  one.cause = new Error('other', { cause: one });
  expect(storeObstacle(one)).toBeUndefined();
});
