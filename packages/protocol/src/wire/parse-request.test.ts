import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../errors.js';
import { limits } from '../transaction/limits.js';
import { parseTransactionRequest, type ParseOptions } from './parse-request.js';

const step = { action: 'http://a', compensate: 'http://c' };
const body = { gid: 'g', trans_type: 'saga', steps: [step], payloads: ['{"n":1}'] };
const msg = {
  gid: 'g',
  trans_type: 'msg',
  steps: [{ action: 'http://a' }],
  payloads: ['{}'],
  query_prepared: 'http://q',
};

const submit = (value: unknown, options?: ParseOptions) => parseTransactionRequest(value, 'submit', options);

function expectRefusal(
  value: unknown,
  code: ErrorCode,
  message: RegExp | string,
  intent: 'prepare' | 'submit' = 'submit',
) {
  expect(() => parseTransactionRequest(value, intent)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message) }),
  );
}

describe("DTM's body", () => {
  test('of a saga is read with its options in milliseconds', () => {
    const options = { wait_result: true, timeout_to_fail: 30, request_timeout: 8, retry_interval: 2, retry_limit: 3 };
    const { gid, definition, delayMs, hasSteps } = submit({
      ...body,
      ...options,
      branch_headers: { 'x-token': 'secret' },
    });
    expect({ gid, delayMs, hasSteps }).toEqual({ gid: 'g', delayMs: 0, hasSteps: true });
    expect(definition).toEqual({
      type: 'saga',
      protocol: 'http',
      steps: [{ ...step, payload: '{"n":1}', isAsync: false }],
      isConcurrent: false,
      orders: {},
      subscribers: {},
      queryPrepared: '',
      customData: '',
      options: {
        waitResult: true,
        timeoutToFailMs: 30_000,
        requestTimeoutMs: 8_000,
        retry: { initialMs: 2_000, limit: 3 },
        checkIntervalMs: undefined,
        branchHeaders: { 'x-token': 'secret' },
      },
    });
  });

  test('takes null and 0 for absent, and ignores members that it does not know', () => {
    const nulls = { custom_data: null, query_prepared: null, protocol: null, wait_result: null, branch_headers: null };
    const zeros = { timeout_to_fail: 0, request_timeout: 0, retry_interval: 0, retry_limit: 0 };
    const unknown = { id: 7, owner: 'me', status: 'succeed', req_extra: {}, __proto__: { concurrent: 3 } };
    expect(submit({ ...body, ...nulls, ...zeros, ...unknown })).toEqual(submit(body));
  });

  test('keeps payloads as they are, and takes them from the steps too', () => {
    const payload = ' {"b": 2,\t"a":"\u00e4\ud83d\ude00"} ';
    expect(submit({ ...body, payloads: [payload, 'one too many'] }).definition.steps[0]?.payload).toBe(payload);
    const old = submit({ ...body, payloads: null, steps: [{ ...step, data: payload }] });
    expect(old.definition.steps[0]?.payload).toBe(payload);
  });

  test('of a message is read with its delay, which may be a custom option of an SDK', () => {
    expect(submit({ ...msg, custom_data: '{"delay":5}' }).delayMs).toBe(5_000);
    expect(submit({ ...msg, custom_data: '{"delay":5}', delay_ms: 70 }).delayMs).toBe(70);
    expect(submit({ ...msg, custom_data: 'my own words' })).toMatchObject({
      delayMs: 0,
      definition: { customData: 'my own words' },
    });
    expect(submit({ ...msg, concurrent: true }).definition.isConcurrent).toBe(true);
  });

  test('of a submit after prepare may leave the steps out', () => {
    expect(submit({ gid: 'g', trans_type: 'msg' }).hasSteps).toBe(false);
  });

  test('names topics only in a message', () => {
    expect(submit({ ...msg, steps: [{ action: 'topic://orders' }] }).definition.steps[0]?.action).toBe(
      'topic://orders',
    );
    expectRefusal({ ...body, steps: [{ action: 'topic://orders' }] }, 'UNSUPPORTED_BRANCH_URL', /steps\[0\]\.action/);
  });
});

describe('a concurrent saga', () => {
  const three = { ...body, steps: [step, step, step], payloads: ['', '', ''] };
  const custom = (value: unknown) => ({ ...three, custom_data: JSON.stringify(value) });

  test('is told by custom_data or by its own member, with 0-based orders', () => {
    const { definition } = submit(custom({ concurrent: true, orders: { 2: [0, 1, 1], 1: [], 0: null } }));
    expect(definition).toMatchObject({ isConcurrent: true, orders: { 2: [0, 1] } });
    expect(Object.keys(definition.orders)).toEqual(['2']);
    expect(submit({ ...three, concurrent: true }).definition.isConcurrent).toBe(true);
  });

  test.each([
    [{ 0: [1], 1: [2], 2: [0] }],
    [{ 0: [0] }],
    [{ 3: [0] }],
    [{ 0: [3] }],
    [{ 0: [-1] }],
    [{ 0: [0.5] }],
    [{ 0: ['1'] }],
    [{ 0: 1 }],
    [{ first: [0] }],
    [[1]],
  ])('with orders that cannot be kept is refused: %j', (orders) => {
    expectRefusal(custom({ concurrent: true, orders }), 'INVALID_REQUEST', /orders/);
  });

  test("reads orders as a list, PHP's form of an object whose names are 0, 1, 2", () => {
    const { definition } = submit(custom({ concurrent: true, orders: [[], [0], [0, 1]] }));
    expect(definition.orders).toEqual({ 1: [0], 2: [0, 1] });
    expect(submit(custom({ concurrent: true, orders: [] })).definition.orders).toEqual({});
  });

  test('keeps orders of a sequential saga only where they agree with the sequence', () => {
    expect(submit(custom({ orders: { 2: [0] } })).definition.orders).toEqual({});
    expectRefusal(custom({ orders: { 0: [2] } }), 'INVALID_REQUEST', /concurrent/);
  });

  test('with too many orders is refused', () => {
    const count = 400;
    const steps = new Array<unknown>(count).fill(step);
    const payloads = new Array<string>(count).fill('');
    const all = Array.from({ length: count }, (_, index) => index);
    const orders = Object.fromEntries(all.map((index) => [index, index < 300 ? [] : all]));
    const text = JSON.stringify({
      concurrent: true,
      orders: { ...orders, ...Object.fromEntries(all.map((i) => [i, all])) },
    });
    expectRefusal({ ...body, steps, payloads, custom_data: text }, 'LIMIT_EXCEEDED', /orders/);
  });

  test('leaves custom data of others alone', () => {
    for (const text of ['[1]', '"x"', '{broken', 'plain', '{"delay":"not for a saga"}']) {
      expect(submit({ ...body, custom_data: text }).definition.customData).toBe(text);
    }
  });
});

describe('options of our own', () => {
  test('are times in milliseconds and a retry policy, which go before those in seconds', () => {
    const times = { timeout_to_fail: 9, timeout_to_fail_ms: 90, request_timeout_ms: 80, check_interval: 7 };
    const retry = { initial_ms: 5, factor: 1.5, max_ms: 50, jitter: 0.2, limit: 0, then: 'pause' };
    const { options } = submit({ ...body, ...times, retry_interval: 9, retry_limit: 9, retry }).definition;
    expect(options).toMatchObject({ timeoutToFailMs: 90, requestTimeoutMs: 80, checkIntervalMs: 7_000 });
    expect(options.retry).toEqual({ initialMs: 5, factor: 1.5, maxMs: 50, jitter: 0.2, limit: 0, then: 'pause' });
  });

  test('mark steps of a message as async, as a flag or as text', () => {
    const steps = [true, 'true', false, 'false', null, undefined].map((async) => ({ action: 'http://a', async }));
    const payloads = steps.map(() => '');
    expect(submit({ ...msg, steps, payloads }).definition.steps.map(({ isAsync }) => isAsync)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expectRefusal(
      { ...msg, steps: [{ action: '', async: 'yes' }], payloads: [''] },
      'INVALID_REQUEST',
      /steps\[0\]\.async/,
    );
  });
});

test('steps and transactions may name a method, and steps headers, each alone or both', () => {
  const steps = [
    { ...step, method: 'put' },
    { ...step, branch_headers: { 'X-Id': '1' } },
    { ...step, method: 'GET', branch_headers: { 'X-Id': '2' } },
    step,
  ];
  const { definition } = submit({ ...body, steps, payloads: ['', '', '', ''], branch_method: 'patch' });
  expect(definition.options.branchMethod).toBe('PATCH');
  expect(definition.steps.map(({ request }) => request)).toEqual([
    { method: 'PUT' },
    { headers: { 'X-Id': '1' } },
    { method: 'GET', headers: { 'X-Id': '2' } },
    undefined,
  ]);
});

describe('bad input', () => {
  test.each([null, 7, 'text', [], true])('that is no object is refused: %j', (value) => {
    expectRefusal(value, 'INVALID_REQUEST', /the body/);
  });

  test.each([
    [{ gid: '' }, 'INVALID_GID'],
    [{ gid: 7 }, 'INVALID_GID'],
    [{ gid: 'x'.repeat(129) }, 'INVALID_GID'],
    [{ trans_type: 'sagas' }, 'UNKNOWN_TRANSACTION_TYPE'],
    [{ trans_type: 'constructor' }, 'UNKNOWN_TRANSACTION_TYPE'],
    [{ trans_type: null }, 'UNKNOWN_TRANSACTION_TYPE'],
    [{ trans_type: 7 }, 'INVALID_REQUEST'],
    [{ payloads: [] }, 'INVALID_REQUEST'],
    [{ payloads: null }, 'INVALID_REQUEST'],
    [{ payloads: [{}] }, 'INVALID_REQUEST'],
    [{ payloads: 'x' }, 'INVALID_REQUEST'],
    [{ steps: {} }, 'INVALID_REQUEST'],
    [{ steps: [] }, 'INVALID_REQUEST'],
    [{ steps: null }, 'INVALID_REQUEST'],
    [{ steps: [null] }, 'INVALID_REQUEST'],
    [{ steps: [{ action: 7 }] }, 'INVALID_REQUEST'],
    [{ wait_result: 'true' }, 'INVALID_REQUEST'],
    [{ wait_result: 1 }, 'INVALID_REQUEST'],
    [{ timeout_to_fail: '3' }, 'INVALID_REQUEST'],
    [{ timeout_to_fail: -1 }, 'INVALID_REQUEST'],
    [{ timeout_to_fail: 1.5 }, 'INVALID_REQUEST'],
    [{ timeout_to_fail: 1e10 }, 'LIMIT_EXCEEDED'],
    [{ retry_limit: 'many' }, 'INVALID_REQUEST'],
    [{ retry: 7 }, 'INVALID_REQUEST'],
    [{ retry: { then: 'explode' } }, 'INVALID_REQUEST'],
    [{ retry: { factor: 0.5 } }, 'INVALID_REQUEST'],
    [{ retry: { jitter: 2 } }, 'INVALID_REQUEST'],
    [{ retry: { initial_ms: 10, max_ms: 5 } }, 'INVALID_REQUEST'],
    [{ custom_data: {} }, 'INVALID_REQUEST'],
    [{ concurrent: 'yes' }, 'INVALID_REQUEST'],
    [{ protocol: 'carrier pigeon' }, 'INVALID_REQUEST'],
    [{ branch_headers: ['x'] }, 'INVALID_REQUEST'],
    [{ branch_headers: { 'x y': '1' } }, 'INVALID_REQUEST'],
    [{ branch_headers: { '': '1' } }, 'INVALID_REQUEST'],
    [{ branch_headers: { x: 1 } }, 'INVALID_REQUEST'],
    [{ branch_headers: { x: 'a\r\nevil: 1' } }, 'INVALID_REQUEST'],
    [{ branch_headers: { x: '\u4e2d' } }, 'INVALID_REQUEST'],
    [{ branch_headers: { x: 'y'.repeat(65_536) } }, 'LIMIT_EXCEEDED'],
    [{ payloads: ['\u00e4'.repeat(limits.payloadBytesMax / 2 + 1)] }, 'LIMIT_EXCEEDED'],
    [{ steps: new Array(10_001).fill(step) }, 'LIMIT_EXCEEDED'],
    [{ steps: [{ action: `http://${'a'.repeat(8_192)}` }] }, 'LIMIT_EXCEEDED'],
  ] as const)('is refused by the name of what is wrong: %#', (change, code) => {
    const name = Object.keys(change)[0] ?? '';
    expectRefusal({ ...body, ...change }, code, new RegExp(name));
  });

  test.each([
    'ftp://a',
    'a',
    '//a',
    'grpc://a',
    'http:/a',
    'http://',
    'http:///x',
    'http://a b',
    'http://a\r\nx',
    'javascript:1',
  ])('a branch URL that nobody can call is refused: %j', (url) => {
    expectRefusal(
      { ...body, steps: [{ ...step, compensate: url }] },
      'UNSUPPORTED_BRANCH_URL',
      /steps\[0\]\.compensate/,
    );
    expectRefusal({ ...msg, query_prepared: url }, 'UNSUPPORTED_BRANCH_URL', /query_prepared/);
  });

  test('a message without a back-check cannot be prepared, but submitted', () => {
    const without = { ...msg, query_prepared: null };
    expectRefusal(without, 'INVALID_REQUEST', /query_prepared/, 'prepare');
    expect(submit(without).definition.queryPrepared).toBe('');
  });

  test('a delay that cannot be read is not lost in silence', () => {
    expectRefusal({ ...msg, custom_data: '{"delay":"5"}' }, 'INVALID_REQUEST', /custom_data\.delay/);
  });
});

test('headers that frame a message are left out, since each call has its own', () => {
  const headers = { Host: 'x', 'Content-Length': '3', 'X-Id': '1' };
  expect(submit({ ...body, branch_headers: headers }).definition.options.branchHeaders).toEqual({ 'X-Id': '1' });
});

test('an empty list of headers is none: what PHP writes for an empty map', () => {
  expect(submit({ ...body, branch_headers: [] }).definition.options.branchHeaders).toEqual({});
});

test('a server with further callers takes their schemes and protocols', () => {
  const options: ParseOptions = { schemes: ['http://', 'grpc://'], protocols: ['http', 'grpc'] };
  const value = { ...body, protocol: 'grpc', steps: [{ action: 'grpc://a/b', compensate: 'HTTP://c' }] };
  expect(submit(value, options).definition).toMatchObject({ protocol: 'grpc', steps: [{ action: 'grpc://a/b' }] });
});

test('what JSON-RPC calls is sent a JSON object, or nothing', () => {
  const steps = [step, { action: 'http://a?method=out', compensate: '' }];
  const withPayload = (payload: string) =>
    submit({ ...body, protocol: 'json-rpc', steps, payloads: ['text', payload] }, options);
  const options: ParseOptions = { protocols: ['http', 'json-rpc'] };
  expect(() => withPayload('text')).toThrow('payloads[1] must be a JSON object');
  expect(withPayload('{}').definition.protocol).toBe('json-rpc');
  expect(withPayload('').definition.protocol).toBe('json-rpc');
});
