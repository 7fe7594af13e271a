import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorStatus } from '../http/error-status.js';
import { jsonRpcCode } from './json-rpc-error.js';

const document = readFileSync(new URL('../../../../docs/json-rpc-api.md', import.meta.url), 'utf8');

test('docs/json-rpc-api.md lists every code with its number, and no other', () => {
  const documented = [...document.matchAll(/^\| `([A-Z_]+)` +\| (-\d+) +\|/gm)].map(([, code, number]) => [
    code,
    Number(number),
  ]);
  expect(Object.fromEntries(documented)).toEqual(jsonRpcCode);
});

test('-32901 is for what is refused alone: an SDK rolls back for it', () => {
  for (const [code, number] of Object.entries(jsonRpcCode)) {
    if (number === -32901) expect(errorStatus[code as keyof typeof errorStatus].dtmResult).toBe('FAILURE');
  }
});
