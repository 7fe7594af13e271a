/** Any value of the kinds that cross the package's borders, for properties. */
import fc from 'fast-check';
import type { BranchRow, Definition, HeadState, RetryPolicy } from '../../src/index.js';
import { saga } from './definitions.js';

// The same in each run, so that a run which fails tells of what was changed; `SEED` chooses another.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 1) });

const time = fc.nat({ max: 8_640_000_000_000 });
const text = fc.string({ unit: 'binary', maxLength: 12 });
const name = fc.oneof(text, fc.constantFrom('', '__proto__', 'constructor', 'a'));

/** Text with everything that a JavaScript string can hold, lone surrogates included. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.nat({ max: 0x7f }), fc.nat({ max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })))
  .map((units) => String.fromCharCode(...units));

export const anyPolicy: fc.Arbitrary<RetryPolicy> = fc
  .record({
    initialMs: fc.integer({ min: 1, max: 3_153_600_000_000 }),
    factor: fc.double({ min: 1, max: 100, noNaN: true }),
    more: fc.nat({ max: 3_153_600_000_000 }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    limit: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
    then: fc.constantFrom('rollback', 'pause', 'fail'),
  })
  .map(({ more, ...policy }) => ({ ...policy, maxMs: policy.initialMs + more }));

export const anyHeadState: fc.Arbitrary<HeadState> = fc.record({
  reason: anyText,
  pauseReason: anyText,
  submittedAt: time,
  delayMs: time,
  isForced: fc.boolean(),
});

export const anyRow: fc.Arbitrary<BranchRow> = fc.record({
  branchId: fc.constantFrom('01', '00', '01-02', '10000'),
  op: fc.constantFrom('action', 'compensate', 'msg'),
  status: fc.constantFrom('prepared', 'succeed', 'failed'),
  attempts: fc.nat(),
  nextAttemptAt: time,
  reason: anyText,
  createdAt: time,
  updatedAt: time,
});

const payload = fc.oneof(anyText, fc.uint8Array({ maxLength: 40 }));
const step = fc.record({ action: text, compensate: text, payload, isAsync: fc.boolean() });
const optionalTime = fc.option(time, { nil: undefined });

/** Any definition, those that no request could make among them. */
export const anyDefinition: fc.Arbitrary<Definition> = fc
  .record({
    type: fc.constantFrom('saga', 'msg'),
    protocol: fc.constantFrom('http', 'grpc', 'json-rpc'),
    steps: fc.array(step, { maxLength: 5 }),
    isConcurrent: fc.boolean(),
    orders: fc.dictionary(fc.nat({ max: 5 }).map(String), fc.array(fc.nat({ max: 5 }), { maxLength: 3 })),
    subscribers: fc.dictionary(name, fc.array(text, { maxLength: 3 })),
    queryPrepared: text,
    customData: anyText,
    waitResult: fc.boolean(),
    timeoutToFailMs: optionalTime,
    requestTimeoutMs: optionalTime,
    checkIntervalMs: optionalTime,
    policy: anyPolicy,
    isPolicyGiven: fc.boolean(),
    branchHeaders: fc.dictionary(name, text),
  })
  .map(({ waitResult, timeoutToFailMs, requestTimeoutMs, checkIntervalMs, branchHeaders, ...rest }) => {
    const { policy, isPolicyGiven, ...own } = rest;
    const plain = saga([]);
    const { limit, ...unlimited } = policy;
    const given = limit === undefined ? unlimited : { ...unlimited, limit };
    const retry = isPolicyGiven ? given : {};
    const times = { timeoutToFailMs, requestTimeoutMs, checkIntervalMs };
    return { ...plain, ...own, options: { ...plain.options, ...times, waitResult, retry, branchHeaders } };
  });

function sometimes<Value>(wanted: fc.Arbitrary<Value>, ...others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 40, arbitrary: wanted }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/** Mostly what is asked for, sometimes anything at all, sometimes nothing. */
function mostly(wanted: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 60, arbitrary: wanted }, { weight: 1, arbitrary: fc.jsonValue() });
}

const url = sometimes(
  fc.constantFrom('http://a/x', 'https://b:8443/y?z=1', ''),
  'topic://t',
  'ftp://c',
  'http://',
  'no',
);
const count = sometimes(fc.nat({ max: 100 }), 0, -1, 1.5, 1e300);
const customData = fc.oneof(
  fc.constantFrom('', 'not json', '{', '[]', '{"delay":3}', '{"concurrent":true,"orders":{"1":[0]}}'),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc
    .record(
      {
        delay: mostly(count),
        concurrent: mostly(fc.boolean()),
        orders: mostly(fc.dictionary(fc.nat({ max: 4 }).map(String), fc.array(fc.nat({ max: 4 }), { maxLength: 3 }))),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

const retry = fc.record(
  {
    initial_ms: mostly(count),
    factor: mostly(sometimes(fc.double({ min: 1, max: 100 }), 0.5, 101)),
    max_ms: mostly(count),
    jitter: mostly(sometimes(fc.double({ min: 0, max: 1 }), -1, 2)),
    limit: mostly(count),
    then: mostly(fc.constantFrom('rollback', 'pause', 'fail')),
  },
  { requiredKeys: [] },
);

const requestStep = fc.record(
  {
    action: mostly(url),
    compensate: mostly(url),
    data: mostly(fc.string()),
    async: mostly(fc.constantFrom(true, false, 'true', 'false', '')),
  },
  { requiredKeys: ['action', 'data'] },
);

/** The JSON of a request: some are right, most are nearly so. */
export const anyRequestBody: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: fc.jsonValue() },
  {
    weight: 30,
    arbitrary: fc.record(
      {
        gid: mostly(sometimes(fc.string({ minLength: 1, maxLength: 128 }), '', 'a\n', '\ud800', 'x'.repeat(129))),
        trans_type: mostly(fc.constantFrom('saga', 'msg')),
        steps: mostly(fc.array(mostly(requestStep), { maxLength: 4 })),
        payloads: mostly(fc.array(mostly(fc.string()), { minLength: 4, maxLength: 5 })),
        query_prepared: mostly(url),
        custom_data: mostly(customData),
        concurrent: mostly(fc.boolean()),
        wait_result: mostly(fc.boolean()),
        timeout_to_fail: mostly(count),
        request_timeout: mostly(count),
        retry_interval: mostly(count),
        retry_limit: mostly(count),
        retry: mostly(retry),
        delay_ms: mostly(count),
        protocol: mostly(sometimes(fc.constantFrom('http', ''), 'grpc')),
        branch_headers: mostly(
          fc.dictionary(sometimes(fc.constantFrom('a', 'x-1', 'host'), 'b c'), mostly(fc.string())),
        ),
      },
      { requiredKeys: ['gid', 'trans_type', 'steps'] },
    ),
  },
);
