import { describe, expect, test } from 'vitest';
import { limits, parseTransactionRequest } from '../index.js';

function verdictOf(req_extra: unknown): unknown {
  return parseTransactionRequest({ gid: 'g', trans_type: 'workflow', req_extra }, 'submit').verdict;
}

describe('the verdict of a workflow', () => {
  test('has a status, a reason and a result', () => {
    const extra = { status: 'failed', rollback_reason: 'no money', result: 'b3V0' };
    expect(verdictOf(extra)).toEqual({ status: 'failed', reason: 'no money', result: 'b3V0' });
    expect(verdictOf({ status: 'succeed', rollback_reason: null, result: null })).toEqual({
      status: 'succeed',
      reason: '',
      result: '',
    });
  });

  test.each([
    ['req_extra.status', undefined],
    ['req_extra.status', null],
    ['req_extra.status', {}],
    ['req_extra.status', { status: 'prepared' }],
    ['req_extra.status', { status: 1 }],
    ['req_extra', []],
    ['req_extra', 'succeed'],
    ['req_extra.result', { status: 'succeed', result: 1 }],
    ['req_extra.result', { status: 'succeed', result: 'x'.repeat(limits.resultCharactersMax + 1) }],
    ['req_extra.rollback_reason', { status: 'failed', rollback_reason: {} }],
  ])('is refused by the name of what is wrong: %s', (name, extra) => {
    expect(() => verdictOf(extra)).toThrow(`${name} `);
  });

  test('belongs to the submit of a workflow alone', () => {
    const body = { gid: 'g', trans_type: 'tcc', req_extra: 'what nobody reads' };
    expect(parseTransactionRequest(body, 'submit').verdict).toBeUndefined();
    const prepared = { gid: 'g', trans_type: 'workflow', query_prepared: 'http://a', custom_data: '{"name":"n"}' };
    expect(parseTransactionRequest(prepared, 'prepare').verdict).toBeUndefined();
  });
});

describe('what SDKs send with a prepare of what is registered later', () => {
  test.each([
    ['Go', { custom_data: '{"data":null,"name":"wf"}', concurrent: false, protocol: 'http' }],
    [
      'C#',
      {
        custom_data: '{"name":"wf","data":"aW4="}',
        steps: null,
        payloads: null,
        rollback_reason: null,
        retry_count: 0,
      },
    ],
    [
      'Python',
      { custom_data: '{"name":"wf","data":""}', branch_headers: null, wait_result: null, timeout_to_fail: null },
    ],
  ])('is taken: %s', (_, more) => {
    const body = { gid: 'g', trans_type: 'workflow', query_prepared: 'http://a/wf', ...more };
    expect(parseTransactionRequest(body, 'prepare')).toMatchObject({ hasSteps: false, definition: { steps: [] } });
    for (const type of ['tcc', 'xa']) {
      const { definition } = parseTransactionRequest({ ...body, ...more, trans_type: type }, 'prepare');
      expect(definition).toMatchObject({ type, steps: [], queryPrepared: '' });
    }
  });
});
