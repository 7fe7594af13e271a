import { describe, expect, test } from 'vitest';
import { message, plainDefaults, saga } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { checkName, limits, machineOf, queryView } from '../index.js';
import { readHttpAnswer } from './http-answer.js';
import { parseTransactionRequest } from './parse-request.js';
import { sameContent } from './same-content.js';
import { decodeBody, encodeBody } from './stored-body.js';

const step = { action: 'http://a/x', compensate: 'http://a/y' };
const request = { gid: 'g', trans_type: 'saga', steps: [step], payloads: ['{}'] };
const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('a request', () => {
  test('may leave a header or a payload null, which is none', () => {
    const { definition } = parseTransactionRequest(
      { ...request, branch_headers: { a: null, b: 'c' }, payloads: [null] },
      'submit',
    );
    expect(definition.options.branchHeaders).toEqual({ b: 'c' });
    expect(definition.steps[0]?.payload).toBe('');
  });

  test('with a custom_data beyond its limit is refused', () => {
    const customData = 'x'.repeat(limits.customDataCharactersMax + 1);
    const parse = () => parseTransactionRequest({ ...request, custom_data: customData }, 'submit');
    expect(parse).toThrow(refused('LIMIT_EXCEEDED'));
  });
});

describe('the name of a topic or a key', () => {
  test.each([
    ['', 'INVALID_REQUEST'],
    ['a\tb', 'INVALID_REQUEST'],
    ['\ud800', 'INVALID_REQUEST'],
    ['x'.repeat(limits.nameCharactersMax + 1), 'LIMIT_EXCEEDED'],
  ])('is refused: %j', (name, code) => {
    expect(() => {
      checkName(name, 'the topic');
    }).toThrow(refused(code));
  });
});

describe('an answer in the older way', () => {
  test.each([
    ['a number beside the word', '7 FAILURE', 'success'],
    ['a JSON null', 'null', 'success'],
    ['a list that holds the word', '["FAILURE"]', 'success'],
    ['the word as a JSON text', '"FAILURE"', 'failure'],
    ['broken JSON that begins like an object', '{"dtm_result":"FAILURE"', 'success'],
  ])('that is %s', (_, body, kind) => {
    expect(readHttpAnswer(200, 'application/json', body, 'compatible').kind).toBe(kind);
  });

  test('of broken JSON gives all of it as the reason', () => {
    expect(readHttpAnswer(409, '', '{"error', 'strict')).toEqual({ kind: 'failure', reason: '{"error' });
  });
});

describe('a stored definition', () => {
  test('whose bytes are no base64 is refused', () => {
    const definition = saga(['ac']);
    const steps = definition.steps.map((one) => ({ ...one, payload: Uint8Array.of(1, 2, 3) }));
    const text = encodeBody({ ...definition, steps });
    expect(text).toContain('AQID');
    expect(() => decodeBody(text.replace('AQID', 'A*ID'))).toThrow(refused('INTERNAL'));
  });

  test.each(['null', '[]', '7'])('whose orders are %s is refused', (orders) => {
    expect(() => decodeBody(encodeBody(saga(['ac'])).replace('{},{}', `${orders},{}`))).toThrow(refused('INTERNAL'));
  });

  test('whose orders are of other steps is other content', () => {
    const orders = (one: Record<number, readonly number[]>) =>
      saga(['a', 'a', 'a'], { isConcurrent: true, orders: one });
    expect(sameContent(orders({ 1: [0] }), orders({ 2: [0] }), true)).toBe(false);
    expect(sameContent(orders({ 2: [0, 1] }), orders({ 2: [1, 0] }), true)).toBe(true);
  });
});

describe('a query', () => {
  const viewOf = (run: DrivenTransaction) => {
    const { gid, head, definition } = run.tx;
    const branches = machineOf(definition.type).branches(run.tx);
    return queryView({ gid, definition, head, branches, dueAt: undefined, leaseOwner: '' });
  };

  test('shows when a transaction succeeded, and bytes as base64', () => {
    const definition = saga(['a']);
    const steps = definition.steps.map((one) => ({ ...one, payload: Uint8Array.of(1, 2, 3) }));
    const run = new DrivenTransaction({ ...definition, steps }, plainDefaults);
    run.runToEnd();
    const view = viewOf(run);
    expect(view['transaction']).toMatchObject({ status: 'succeed', finish_time: '1970-01-01T00:00:01.000Z' });
    expect(view['transaction']).not.toHaveProperty('next_cron_time');
    expect(view['branches']).toContainEqual(expect.objectContaining({ op: 'action', bin_data: 'AQID' }));
  });

  test('shows a delay, and of a prepared message no submit', () => {
    const run = new DrivenTransaction(message(['http://a']), plainDefaults, { intent: 'prepare', delayMs: 20 });
    const view = viewOf(run)['transaction'];
    expect(view).toMatchObject({ status: 'prepared', delay_ms: 20 });
    expect(view).not.toHaveProperty('submit_time');
    expect(view).toMatchObject({ options: '{"concurrent":false}' });
  });
});

describe('a stop by force', () => {
  test.each([
    ['', '', ''],
    ['why', '', 'why'],
    ['', 'because', 'branch 01 refused: because'],
    ['why', 'because', 'why (it was aborting: branch 01 refused: because)'],
  ])('for %j of what is aborting for %j says %j', (asked, before, reason) => {
    const run = new DrivenTransaction(saga(['ac']), plainDefaults);
    if (before !== '') run.answers('01 action', 'failure', before);
    run.happens({ kind: 'forceStop', reason: asked });
    expect(run.reason).toBe(reason);
  });
});
