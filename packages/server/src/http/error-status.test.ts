import { readFileSync } from 'node:fs';
import { TandemError } from '@tandem/protocol';
import { StoreError } from '@tandem/store';
import { expect, test } from 'vitest';
import { errorReply } from './error-reply.js';
import { errorStatus, transportErrorStatus } from './error-status.js';

const document = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
const documented = new Map(
  [...document.matchAll(/^\| `([A-Z_]+)` +\| (\d{3}) +\| `(FAILURE|ERROR)` +\|/gm)].map(([, code, status, result]) => [
    code,
    { status: Number(status), dtmResult: result },
  ]),
);

test('docs/errors.md lists every code with its status and its result, and no other', () => {
  const known = Object.entries({ ...errorStatus, ...transportErrorStatus });
  expect(documented).toEqual(new Map(known.map(([code, { status, dtmResult }]) => [code, { status, dtmResult }])));
});

test('an error tells its code and its message', () => {
  const reply = errorReply(new TandemError('NOT_FOUND', 'there is no transaction x'));
  expect(reply.status).toBe(404);
  expect(JSON.parse(reply.body)).toEqual({
    code: 'NOT_FOUND',
    message: 'there is no transaction x',
    dtm_result: 'FAILURE',
  });
});

test('overload and a store that is away ask to come back', () => {
  expect(errorReply(new TandemError('OVERLOADED', 'busy'))).toMatchObject({
    status: 429,
    headers: { 'retry-after': '1' },
  });
  const reply = errorReply(new StoreError('unavailable', 'disk I/O error at /secret/path'));
  expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(reply.body).not.toContain('secret');
  expect(reply.body).not.toContain('FAILURE');
});

test('a defect tells nothing of itself', () => {
  const reply = errorReply(new Error('password hunter2'));
  expect(reply.status).toBe(500);
  expect(reply.body).not.toContain('hunter2');
});
