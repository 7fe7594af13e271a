import { expect, test } from 'vitest';
import { mysqlErrorOf } from './mysql-errors.js';

test.each([
  ['a number', { errno: 1062 }, 1062],
  ['digits of Prisma', { originalCode: '1213' }, 1213],
])('the error number is told as %s', (_how, fields, expected) => {
  expect(mysqlErrorOf(Object.assign(new Error('x'), fields))).toBe(expected);
});

test.each([undefined, null, '', 'x', '40P01', '1.5'])(
  'an original code of %j does not end the search',
  (originalCode) => {
    const error = Object.assign(new Error('x', { cause: { errno: 1146 } }), { originalCode });
    expect(mysqlErrorOf(error)).toBe(1146);
    expect(mysqlErrorOf(Object.assign(new Error('x'), { originalCode }))).toBeUndefined();
  },
);
