import { expect, test } from 'vitest';
import { InvariantError, TandemError, unreachable } from './errors.js';

test('what is impossible is a defect of ours, told apart from a refusal', () => {
  const never = (): never => unreachable('a status of tomorrow' as never);
  expect(never).toThrow(InvariantError);
  expect(never).toThrow('a status of tomorrow');
  expect(never).not.toThrow(TandemError);
});

test('a refusal keeps its code and its cause', () => {
  const cause = new Error('below');
  expect(new TandemError('INTERNAL', 'above', { cause })).toMatchObject({ code: 'INTERNAL', message: 'above', cause });
});
