import { expect, test } from 'vitest';
import { branchRequestOf } from './branch-request.js';

test.each([{}, { method: '' }, { branch_headers: {} }, { method: '', branch_headers: {} }, { method: null }])(
  'a branch that names neither a method nor a header is called like the others: %o',
  (given) => {
    expect(branchRequestOf(given, '')).toBeUndefined();
  },
);

test('a branch has a method and headers of its own', () => {
  expect(branchRequestOf({ method: 'put', branch_headers: { tenant: 'seven' } }, '')).toEqual({
    method: 'PUT',
    headers: { tenant: 'seven' },
  });
});
