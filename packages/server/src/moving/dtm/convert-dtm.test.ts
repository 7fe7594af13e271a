import { decodeBody, decodeHeadState, decodeRow } from '@tandem/protocol';
import { describe, expect, test } from 'vitest';
import type { DtmBranch, DtmTransaction } from '../../main/open-store.js';
import type { MovedTransaction } from '../moved-transaction.js';
import { convertDtm } from './convert-dtm.js';
import { topicNames } from './dtm-topics.js';

const at = 1_700_000_000_000;

function branch(branchId: string, op: string, status = 'prepared', more: Partial<DtmBranch> = {}): DtmBranch {
  const url = `http://s/${branchId}/${op}`;
  const payload = Buffer.from('{}');
  return { branchId, op, status, url, payload, createdAt: at, updatedAt: at, finishedAt: undefined, ...more };
}

function dtm(transType: string, status: string, more: Partial<DtmTransaction> = {}): DtmTransaction {
  return {
    gid: 'g',
    transType,
    status,
    queryPrepared: '',
    protocol: 'http',
    createdAt: at,
    updatedAt: at + 5_000,
    finishedAt: undefined,
    rolledBackAt: undefined,
    options: '',
    customData: '',
    extData: '',
    result: '',
    rollbackReason: '',
    branches: [],
    ...more,
  };
}

/** Steps of a saga by the status of their actions and compensations. */
function steps(...statuses: readonly (readonly [action: string, compensate: string])[]): readonly DtmBranch[] {
  return statuses.flatMap(([action, compensate], index) => {
    const id = String(index + 1).padStart(2, '0');
    return [branch(id, 'compensate', compensate), branch(id, 'action', action)];
  });
}

function converted(transaction: DtmTransaction, topics = topicNames([])): MovedTransaction {
  const conversion = convertDtm(transaction, topics);
  if (conversion.kind === 'unfit') throw new Error(conversion.reason);
  return conversion.transaction;
}

function rowsOf({ rows }: MovedTransaction): readonly string[] {
  return rows.map(({ branchId, op, value }) => `${branchId} ${op} ${decodeRow(branchId, op, value).status}`);
}

describe('what DTM left half written is made whole', () => {
  test('a refused action whose roll-back was not noted yet rolls back', () => {
    const moved = converted(
      dtm('saga', 'submitted', { branches: steps(['succeed', 'prepared'], ['failed', 'prepared']) }),
    );
    expect(moved.head.status).toBe('aborting');
    expect(decodeHeadState(moved.head.state).reason).toBe('branch 02 refused');
    expect(rowsOf(moved)).toEqual(['01 action succeed', '02 action failed']);
  });

  test('an outcome that was lost is told by what came after it', () => {
    const lost = dtm('saga', 'submitted', {
      branches: steps(['prepared', 'prepared'], ['succeed', 'prepared'], ['prepared', 'prepared']),
    });
    expect(rowsOf(converted(lost))).toEqual(['01 action succeed', '02 action succeed']);
    const back = dtm('saga', 'aborting', {
      branches: steps(['succeed', 'succeed'], ['succeed', 'prepared'], ['failed', 'succeed']),
    });
    expect(rowsOf(converted(back)).filter((row) => row.includes('compensate'))).toEqual([
      '03 compensate succeed',
      '02 compensate succeed',
      '01 compensate succeed',
    ]);
  });

  test('side by side nothing tells of the others', () => {
    const branches = steps(['prepared', 'prepared'], ['succeed', 'prepared']);
    const moved = converted(
      dtm('saga', 'submitted', { branches, options: '{"concurrent":true}', customData: '{"concurrent":true}' }),
    );
    expect(rowsOf(moved)).toEqual(['02 action succeed']);
  });
});

test('headers that a request brought along go with the calls, those of the transaction before them', () => {
  const extData = '{"headers":{"x-trace":"a","x-both":"ext"}}';
  const options = '{"branch_headers":{"x-both":"own"},"request_timeout":3,"retry_interval":7,"retry_limit":2}';
  const { options: read } = decodeBody(
    converted(dtm('saga', 'submitted', { extData, options, branches: steps(['prepared', 'prepared']) })).body,
  );
  expect(read.branchHeaders).toEqual({ 'x-trace': 'a', 'x-both': 'own' });
  expect(read).toMatchObject({ requestTimeoutMs: 3_000, retry: { initialMs: 7_000, limit: 2 } });
});

test('a payload that is no text stays the bytes that it is, whatever brought it', () => {
  const payload = Uint8Array.of(0xff, 0x00);
  const moved = converted(dtm('saga', 'submitted', { branches: [branch('01', 'action', 'prepared', { payload })] }));
  expect(decodeBody(moved.body).steps[0]?.payload).toEqual(payload);
});

describe('messages to topics', () => {
  const branches = [
    branch('01-01', 'action', 'succeed', { url: 'http://a/x' }),
    branch('01-02', 'action', 'prepared', { url: 'http://b/x' }),
  ];
  const topic = (key: string, ...urls: readonly string[]) => {
    return { category: 'topics', key, value: JSON.stringify(urls.map((url) => ({ url, remark: '' }))), updatedAt: at };
  };

  test('keep the name where one topic has these subscribers', () => {
    const topics = topicNames([topic('orders', 'http://a/x', 'http://b/x'), topic('others', 'http://a/x')]);
    const definition = decodeBody(converted(dtm('msg', 'submitted', { branches }), topics).body);
    expect(definition.steps[0]?.action).toBe('topic://orders');
    expect(definition.subscribers).toEqual({ orders: ['http://a/x', 'http://b/x'] });
  });

  test('get one where none has, or several have', () => {
    for (const topics of [[], [topic('one', 'http://a/x', 'http://b/x'), topic('two', 'http://a/x', 'http://b/x')]]) {
      const moved = converted(dtm('msg', 'submitted', { branches }), topicNames(topics));
      expect(decodeBody(moved.body).subscribers).toEqual({ 'dtm-step-01': ['http://a/x', 'http://b/x'] });
      expect(rowsOf(moved)).toEqual(['01-01 action succeed']);
    }
  });

  test('a value of another kind names no topic', () => {
    expect(
      topicNames([{ category: 'topics', key: 'k', value: 'nonsense', updatedAt: at }]).get('["http://a/x"]'),
    ).toBeUndefined();
  });
});

test('a delay counts from the creation, as at DTM', () => {
  const moved = converted(dtm('msg', 'submitted', { branches: [branch('01', 'action')], customData: '{"delay":60}' }));
  expect(decodeHeadState(moved.head.state)).toMatchObject({ submittedAt: at, delayMs: 60_000 });
});

describe('what Tandem cannot take over is told', () => {
  test.each([
    [dtm('saga', 'prepared', { branches: steps(['prepared', 'prepared']) }), 'a saga has no status "prepared"'],
    [
      dtm('workflow', 'submitted', { queryPrepared: 'http://s/q', customData: '{"name":"n","data":""}' }),
      'a workflow has no status "submitted"',
    ],
    [
      dtm('workflow', 'prepared', { customData: '{"name":"n","data":""}' }),
      'query_prepared must be the URL of its service',
    ],
    [
      dtm('msg', 'prepared', { branches: [branch('01', 'action')] }),
      'query_prepared must be the URL of the back-check',
    ],
    [
      dtm('saga', 'submitted', { branches: [branch('02', 'action')] }),
      'its branches are not numbered one after the other: 02',
    ],
    [dtm('saga', 'submitted', { branches: [branch('01', 'action', 'odd')] }), 'branch 01 action has the status "odd"'],
    [
      dtm('saga', 'submitted', { branches: [branch('01', 'action', 'prepared', { url: 'ftp://x' })] }),
      'steps[0].action must start with',
    ],
    [dtm('tcc', 'prepared', { branches: [branch('00', 'confirm')] }), 'branch_id must be another than 00'],
    [dtm('unheard', 'submitted'), 'trans_type'],
    [dtm('tcc', 'prepared', { options: 'nonsense' }), 'its options is not a JSON object'],
    [dtm('tcc', 'prepared', { gid: 'a\nb' }), 'gid contains control characters'],
  ])('%#', (transaction, reason) => {
    expect(convertDtm(transaction, topicNames([]))).toEqual({ kind: 'unfit', reason: expect.stringContaining(reason) });
  });
});
