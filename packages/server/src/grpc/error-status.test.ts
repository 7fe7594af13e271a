import { readFileSync } from 'node:fs';
import { TandemError } from '@tandem/protocol';
import { StoreError } from '@tandem/store';
import { expect, test } from 'vitest';
import { faultCodeOf, grpcCode, statusOf } from './error-status.js';

test('docs/errors.md lists every code with its status', () => {
  const text = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^\| `[A-Z_]+` \((\d+)\) *\| ([^|]*)\|/gm)].flatMap(([, status, codes = '']) =>
    [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => [code, Number(status)] as const),
  );
  const outcomes = [
    ['TRANSACTION_ONGOING', 9],
    ['TRANSACTION_FAILED', 10],
  ] as const;
  expect(new Map(documented)).toEqual(new Map([...Object.entries(grpcCode), ...outcomes]));
});

test('what may be sent again says so', () => {
  expect(statusOf(new TandemError('OVERLOADED', 'busy'))).toEqual({
    code: 8,
    message: 'busy',
    trailers: { 'tandem-code': 'OVERLOADED', 'grpc-retry-pushback-ms': '1000' },
  });
  expect(statusOf(new StoreError('unavailable', 'SQLite: /secret/path'))).toMatchObject({
    code: 14,
    message: 'the store does not answer; try again',
  });
});

test('a defect tells nothing of itself, and is a fault; a refusal is none', () => {
  expect(statusOf(new Error('secret'))).toMatchObject({ code: 13, message: expect.not.stringContaining('secret') });
  expect(faultCodeOf(new Error('secret'))).toBe('INTERNAL');
  expect(faultCodeOf(new TandemError('SHUTTING_DOWN', ''))).toBe('SHUTTING_DOWN');
  expect(faultCodeOf(new TandemError('INVALID_GID', ''))).toBeUndefined();
});
