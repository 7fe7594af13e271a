import { describe, expect, test } from 'vitest';
import { message, messageDefaults } from '../../test/support/definitions.js';
import { DrivenTransaction, type Opening } from '../../test/support/driven-transaction.js';
import { play, tidy } from '../../test/support/transcript.js';
import { machineOf, type Definition, type TandemError } from '../index.js';

function expectTranscript(definition: Definition, opening: Opening, transcript: string): DrivenTransaction {
  const run = new DrivenTransaction(definition, messageDefaults, opening);
  expect(play(run, transcript).replace(/ {2,}/g, '  ')).toBe(tidy(transcript).replace(/ {2,}/g, '  '));
  return run;
}

const prepare: Opening = { intent: 'prepare' };

describe('a prepared message', () => {
  const definition = message(['http://a']);

  test('waits for the back-check, and calls nothing before it is decided', () => {
    expectTranscript(
      definition,
      prepare,
      `
      look                prepared  waits 35
      01 action success   prepared  waits 35  (unchanged)
      wake                prepared  calls 00 msg
      00 msg ongoing      prepared  waits 10 for http://check
      wake                prepared  calls 00 msg
      00 msg unknown      prepared  waits 10 for http://check
      wake                prepared  calls 00 msg
      00 msg success      submitted  calls 01 action
      01 action success   succeed  finished
      `,
    );
  });

  test('fails when the back-check says that the local transaction did not commit', () => {
    const run = expectTranscript(
      definition,
      prepare,
      `
      00 msg failure      failed  finished
      submit              failed  finished  (refused)
      `,
    );
    expect(run.reason).toBe('back-check refused: because');
  });

  test('is delivered once submitted, whatever a late back-check says', () => {
    expectTranscript(
      definition,
      prepare,
      `
      submit              submitted  calls 01 action
      00 msg failure      submitted  calls 01 action  (unchanged)
      submit              submitted  calls 01 action  (unchanged)
      abort               submitted  calls 01 action  (refused)
      01 action success   succeed  finished
      submit              succeed  finished  (unchanged)
      abort               succeed  finished  (refused)
      `,
    );
  });

  test('is never delivered once aborted', () => {
    expectTranscript(
      definition,
      prepare,
      `
      abort no stock      failed  finished
      abort               failed  finished  (unchanged)
      00 msg success      failed  finished  (unchanged)
      submit              failed  finished  (refused)
      `,
    );
  });

  test('is checked again at once when an operator asks for it, but never before its first time', () => {
    expectTranscript(
      definition,
      prepare,
      `
      retryNow            prepared  waits 35  (unchanged)
      wake                prepared  calls 00 msg
      00 msg unknown      prepared  waits 10 for http://check
      retryNow            prepared  calls 00 msg
      retryNow            prepared  calls 00 msg  (unchanged)
      `,
    );
  });

  test('is submitted and aborted while it is paused, and called only when resumed', () => {
    expectTranscript(
      definition,
      prepare,
      `
      pause               prepared (paused)  paused
      submit              submitted (paused)  paused
      resume              submitted  calls 01 action
      `,
    );
    expectTranscript(
      definition,
      prepare,
      `
      pause               prepared (paused)  paused
      abort               failed  finished
      `,
    );
  });

  test('has its own check interval', () => {
    expectTranscript(
      message(['http://a'], { options: { checkIntervalMs: 3, timeoutToFailMs: 7, retry: { initialMs: 50 } } }),
      prepare,
      `
      look                prepared  waits 7
      wake                prepared  calls 00 msg
      00 msg ongoing      prepared  waits 3 for http://check
      `,
    );
  });

  test('needs a back-check', () => {
    const open = () => new DrivenTransaction(message(['http://a'], { queryPrepared: '' }), messageDefaults, prepare);
    expect(open).toThrow(expect.objectContaining<Partial<TandemError>>({ code: 'INVALID_REQUEST' }));
  });
});

describe('a submitted message', () => {
  test('delivers in order, and calls again what is refused', () => {
    expectTranscript(
      message(['http://a', 'http://b']),
      {},
      `
      look                submitted  calls 01 action
      01 action failure   submitted  waits 10 for http://a
      wake                submitted  calls 01 action
      01 action success   submitted  calls 02 action
      02 action success   succeed  finished
      `,
    );
  });

  test('delivers side by side where that was asked for', () => {
    expectTranscript(
      message(['http://a', 'http://b'], { isConcurrent: true }),
      {},
      `
      look                submitted  calls 01 action, 02 action
      02 action unknown   submitted  calls 01 action, looks again in 10
      01 action success   submitted  waits 10 for http://b
      wake                submitted  calls 02 action
      02 action success   succeed  finished
      `,
    );
  });

  test('is delivered with the method and the headers of each step', () => {
    const plain = message(['http://a', 'http://b'], { isConcurrent: true });
    const request = { method: 'PUT', headers: { 'x-a': '1' } } as const;
    const steps = plain.steps.map((step, index) => (index === 0 ? { ...step, request } : step));
    const plan = new DrivenTransaction({ ...plain, steps }, messageDefaults).settle();
    expect(plan.kind === 'calls' && plan.calls.map((call) => call.request)).toEqual([request, undefined]);
  });

  test('keeps its delay, counted from submit, whoever asks for it', () => {
    expectTranscript(
      message(['http://a']),
      { delayMs: 20 },
      `
      look                submitted  waits 20
      after 5             submitted  waits 15
      retryNow            submitted  waits 15  (unchanged)
      `,
    );
    expectTranscript(
      message(['http://a']),
      prepare,
      `
      after 30            prepared  waits 5
      submit 20           submitted  waits 20
      wake                submitted  calls 01 action
      `,
    );
  });

  test('keeps the delay that prepare named where submit leaves it out', () => {
    expectTranscript(message(['http://a']), { intent: 'prepare', delayMs: 20 }, 'submit   submitted  waits 20');
  });

  test('pauses when its limit is used up, and never rolls back', () => {
    expectTranscript(
      message(['http://a'], { options: { retry: { limit: 0, then: 'rollback' } } }),
      {},
      `
      01 action unknown   submitted (paused)  paused
      resume              submitted  calls 01 action
      01 action success   succeed  finished
      `,
    );
  });

  test('tells its success as soon as all but the async deliveries have succeeded', () => {
    const run = expectTranscript(
      message(['http://a', 'http://b&', 'http://c']),
      {},
      `
      look                submitted  calls 01 action, 02 action
      02 action unknown   submitted  calls 01 action, looks again in 10
      01 action success   submitted  calls 03 action, looks again in 10
      03 action success   submitted  waits 10 for http://b
      `,
    );
    expect(machineOf('msg').outcome(run.tx)).toEqual({ kind: 'success' });
    expect(run.runToEnd()).toEqual(['02 action']);
    expect(run.status).toBe('succeed');
  });
});

describe('a message to topics', () => {
  const topics = (subscribers: Record<string, readonly string[]>) =>
    message(['topic://t', 'http://b'], { subscribers });

  test('reaches every subscriber, each with an id of its own', () => {
    expectTranscript(
      topics({ t: ['http://x', 'http://y'] }),
      {},
      `
      look                  submitted  calls 01-01 action
      01-01 action success  submitted  calls 01-02 action
      01-02 action success  submitted  calls 02 action
      `,
    );
  });

  test('keeps the plain id for a single subscriber', () => {
    const run = new DrivenTransaction(topics({ t: ['http://x'] }), messageDefaults);
    expect(
      machineOf('msg')
        .branches(run.tx)
        .map(({ branchId, url }) => `${branchId} ${url}`),
    ).toEqual(['01 http://x', '02 http://b']);
  });

  test('is refused without a subscriber, and with too many', () => {
    const opening = (subscribers: Record<string, readonly string[]>) => () =>
      new DrivenTransaction(topics(subscribers), messageDefaults);
    expect(opening({})).toThrow(expect.objectContaining({ code: 'TOPIC_NOT_FOUND' }));
    expect(opening({ t: [] })).toThrow(expect.objectContaining({ code: 'TOPIC_NOT_FOUND' }));
    expect(opening({ t: new Array<string>(10_000).fill('http://x') })).toThrow(
      expect.objectContaining({ code: 'LIMIT_EXCEEDED' }),
    );
  });
});

test('a message of ten thousand deliveries runs through, in order and side by side', () => {
  const actions = Array.from({ length: 10_000 }, () => 'http://a');
  for (const isConcurrent of [false, true]) {
    const run = new DrivenTransaction(message(actions, { isConcurrent }), messageDefaults);
    expect(run.runToEnd()).toHaveLength(10_000);
  }
});
