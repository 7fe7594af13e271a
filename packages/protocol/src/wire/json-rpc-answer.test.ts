import { expect, test } from 'vitest';
import { limits } from '../transaction/limits.js';
import { readJsonRpcAnswer } from './json-rpc-answer.js';

function read(answer: unknown, mode: 'compatible' | 'strict' = 'compatible') {
  const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return readJsonRpcAnswer({ status: 200, body, id: 'g-01' }, mode);
}

const answer = (members: object) => ({ jsonrpc: '2.0', id: 'g-01', ...members });

test.each([
  answer({ result: {} }),
  answer({ result: null }),
  answer({ error: null }),
  answer({ result: 'all is well', error: null }),
  { id: 'g-01', result: 1, error: null },
])('%j is success', (said) => {
  expect(read(said)).toEqual({ kind: 'success' });
  expect(read(said, 'strict')).toEqual({ kind: 'success' });
});

test('the code of an error decides as a number alone, whatever is said beside it', () => {
  const error = (code: unknown, message?: unknown) => read(answer({ error: { code, message }, result: 'FAILURE' }));
  expect(error(-32901, 'no money')).toEqual({ kind: 'failure', reason: 'no money' });
  expect(error(-32901)).toEqual({ kind: 'failure', reason: 'JSON-RPC -32901' });
  expect(error(-32902, 'FAILURE')).toEqual({ kind: 'ongoing', reason: 'FAILURE' });
  expect(error(-32902, 7)).toEqual({ kind: 'ongoing', reason: 'JSON-RPC -32902' });
  expect(error(-32601, 'FAILURE')).toEqual({ kind: 'unknown', reason: 'JSON-RPC -32601: FAILURE' });
  expect(error('-32901', 'no money')).toMatchObject({ kind: 'unknown' });
});

test.each([
  ['no JSON-RPC answer', '<html>'],
  ['no JSON-RPC answer', '"FAILURE"'],
  ['no JSON-RPC answer', 'null'],
  ['a batch answers a single call', [answer({ result: 1 })]],
  ['the answer has another id than the call', { ...answer({ result: 1 }), id: 'g-02' }],
  ['the answer is not of JSON-RPC 2.0', { ...answer({ result: 1 }), jsonrpc: '3.0' }],
  ['the error is no object', answer({ error: 'FAILURE' })],
  ['the answer has neither result nor error', answer({})],
])('%s: %j leaves it open', (why, said) => {
  const result = read(said);
  expect(result).toMatchObject({ kind: 'unknown' });
  expect(result.kind === 'unknown' && result.reason).toContain(`HTTP 200: ${why}: `);
});

test("DTM's older words in a result count in the compatible mode alone", () => {
  for (const result of ['FAILURE', { dtm_result: 'FAILURE' }]) {
    expect(read(answer({ result }))).toEqual({ kind: 'failure', reason: 'the result says FAILURE' });
    expect(read(answer({ result }), 'strict')).toEqual({ kind: 'success' });
  }
  expect(read(answer({ result: { dtm_result: 'ONGOING' } }))).toEqual({
    kind: 'ongoing',
    reason: 'the result says ONGOING',
  });
  expect(read(answer({ result: 'AUTHENTICATION_FAILURE' }))).toEqual({ kind: 'success' });
});

test('a long reason is cut', () => {
  const result = read(answer({ error: { code: -32901, message: 'x'.repeat(limits.reasonCharactersMax + 1) } }));
  expect(result.kind === 'failure' && result.reason.length).toBe(limits.reasonCharactersMax);
});
