import { describe, expect, test } from 'vitest';
import { plainDefaults, tccBranch, twoPhase, xaBranch } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { play, tidy } from '../../test/support/transcript.js';
import { limits, machineOf, type TransactionOptions } from '../index.js';

function opened(options: Partial<TransactionOptions> = {}): DrivenTransaction {
  return new DrivenTransaction(twoPhase('tcc', { timeoutToFailMs: 35, ...options }), plainDefaults, {
    intent: 'prepare',
  });
}

function expectTranscript(transcript: string, options: Partial<TransactionOptions> = {}): DrivenTransaction {
  const run = opened(options);
  expect(play(run, transcript).replace(/ {2,}/g, '  ')).toBe(tidy(transcript).replace(/ {2,}/g, '  '));
  return run;
}

describe('a TCC', () => {
  test('confirms its branches backwards, one after the other', () => {
    expectTranscript(`
      look                 prepared  waits 35
      register 01          prepared  waits 35
      register 02          prepared  waits 35
      submit               submitted  calls 02 confirm
      02 confirm success   submitted  calls 01 confirm
      01 confirm success   succeed  finished
      01 confirm success   succeed  finished  (unchanged)
    `);
  });

  test('cancels its branches backwards when it is aborted, with the reason', () => {
    const run = expectTranscript(`
      register 01          prepared  waits 35
      register 02          prepared  waits 35
      abort no seat        aborting  calls 02 cancel
      02 cancel success    aborting  calls 01 cancel
      01 cancel success    failed  finished
    `);
    expect(run.reason).toBe('no seat');
  });

  test('cancels what nobody has decided in time, and says so', () => {
    const run = expectTranscript(`
      register 01          prepared  waits 35
      after 34             prepared  waits 1
      wake                 aborting  calls 01 cancel
      submit               aborting  calls 01 cancel  (refused)
      01 cancel success    failed  finished
    `);
    expect(run.reason).toMatch(/^Timeout after 0.035 seconds/);
  });

  test('is confirmed by a submit that comes before anybody has seen that its time is over', () => {
    const run = opened();
    run.happens({ kind: 'registerBranch', registration: tccBranch('01') });
    run.now += 60;
    run.happens({ kind: 'submit', delayMs: 0 });
    expect(run.calls()).toEqual(['01 confirm']);
  });

  test('is not turned round by whoever comes second', () => {
    expectTranscript(`
      register 01          prepared  waits 35
      submit               submitted  calls 01 confirm
      abort                submitted  calls 01 confirm  (refused)
      submit               submitted  calls 01 confirm  (unchanged)
    `);
    expectTranscript(`
      register 01          prepared  waits 35
      abort                aborting  calls 01 cancel
      submit               aborting  calls 01 cancel  (refused)
      abort                aborting  calls 01 cancel  (unchanged)
    `);
  });

  test('registers nothing after its decision or its time limit, not even a repeat', () => {
    expectTranscript(`
      register 01          prepared  waits 35
      register 01          prepared  waits 35  (unchanged)
      submit               submitted  calls 01 confirm
      register 01          submitted  calls 01 confirm  (refused)
      register 02          submitted  calls 01 confirm  (refused)
    `);
    const late = opened();
    late.now += 35;
    const reaction = late.happens({ kind: 'registerBranch', registration: tccBranch('01') });
    expect(reaction).toMatchObject({ kind: 'refused', code: 'WRONG_STATUS', message: /time limit/ });
  });

  test('keeps a branch that is registered again with other content as it was', () => {
    const run = opened();
    run.happens({ kind: 'registerBranch', registration: tccBranch('01') });
    const again = run.happens({ kind: 'registerBranch', registration: tccBranch('01', 'o') });
    expect(again).toMatchObject({ kind: 'refused', code: 'CONFLICTING_REPEAT' });
    run.happens({ kind: 'abort', reason: '' });
    expect(run.calls()).toEqual(['01 cancel']);
  });

  test('goes on with other branches while one backs off, but never with one that it is inside of', () => {
    expectTranscript(`
      register 01            prepared  waits 35
      register 02            prepared  waits 35
      register 0201          prepared  waits 35
      submit                 submitted  calls 0201 confirm
      0201 confirm unknown   submitted  calls 01 confirm, looks again in 10
      01 confirm success     submitted  waits 10 for http://ok0201
      wake                   submitted  calls 0201 confirm
      0201 confirm success   submitted  calls 02 confirm
      02 confirm success     succeed  finished
    `);
  });

  test('calls what is inside a branch first, whatever was registered first', () => {
    const run = opened();
    for (const id of ['0101', '01']) run.happens({ kind: 'registerBranch', registration: tccBranch(id) });
    run.happens({ kind: 'submit', delayMs: 0 });
    expect(run.runToEnd()).toEqual(['0101 confirm', '01 confirm']);
  });

  test('calls a branch that refuses to confirm again, until it does', () => {
    expectTranscript(`
      register 01           prepared  waits 35
      submit                submitted  calls 01 confirm
      01 confirm failure    submitted  waits 10 for http://ok01
      wake                  submitted  calls 01 confirm
      01 confirm ongoing    submitted  waits 10 for http://ok01
      retryNow              submitted  calls 01 confirm
      01 confirm success    succeed  finished
    `);
  });

  test('is paused by a used-up limit of retries, whatever the limit asks for, and goes on when resumed', () => {
    const transcript = `
      register 01           prepared  waits 35
      abort                 aborting  calls 01 cancel
      01 cancel unknown     aborting  waits 10 for http://no01
      wake                  aborting  calls 01 cancel
      01 cancel unknown     aborting (paused)  paused
      resume                aborting  calls 01 cancel
      01 cancel success     failed  finished
    `;
    expectTranscript(transcript, { retry: { limit: 1, then: 'pause' } });
    expectTranscript(transcript, { retry: { limit: 1, then: 'rollback' } });
    expectTranscript(transcript, { retry: { limit: 1, then: 'fail' } });
  });

  test('says which branch used its limit up, and how', () => {
    const run = opened({ retry: { limit: 0 } });
    run.happens({ kind: 'registerBranch', registration: tccBranch('01') });
    run.happens({ kind: 'submit', delayMs: 0 });
    run.answers('01 confirm', 'failure', 'no such seat');
    expect(run.tx.head.state.pauseReason).toBe('branch 01 confirm: no clear answer in 1 calls; the last: no such seat');
  });

  test('counts a branch without a URL as done', () => {
    expectTranscript(`
      register 01 o         prepared  waits 35
      register 02 n         prepared  waits 35
      submit                submitted  calls 01 confirm
      01 confirm success    succeed  finished
    `);
    expectTranscript(`
      register 01 o         prepared  waits 35
      abort                 failed  finished
    `);
    const run = opened();
    run.happens({ kind: 'registerBranch', registration: { ...tccBranch('01'), urls: {} } });
    run.happens({ kind: 'submit', delayMs: 0 });
    expect(run.settle()).toMatchObject({ kind: 'finished' });
    expect(
      machineOf('tcc')
        .branches(run.tx)
        .map(({ url }) => url),
    ).toEqual(['', '']);
  });

  test('ends at once where nothing is registered', () => {
    expectTranscript('submit  succeed  finished');
    expectTranscript('abort   failed  finished');
  });

  test('ends by force where it stands, and calls nobody any more', () => {
    const run = expectTranscript(`
      register 01           prepared  waits 35
      submit                submitted  calls 01 confirm
      forceStop gone        failed  finished
      01 confirm success    failed  finished  (unchanged)
    `);
    expect(run.tx.head.state).toMatchObject({ isForced: true, reason: 'gone' });
  });

  test('waits for its caller as long as it takes where the time limit is switched off', () => {
    const run = new DrivenTransaction(twoPhase('tcc'), plainDefaults, { intent: 'prepare' });
    run.now += 1e9;
    expect(run.settle()).toMatchObject({ kind: 'wait' });
    run.happens({ kind: 'submit', delayMs: 0 });
    expect(run.settle()).toMatchObject({ kind: 'finished' });
  });

  test('keeps its time limit from passing while it is paused, but not for new branches', () => {
    expectTranscript(`
      pause                 prepared (paused)  paused
      after 60              prepared (paused)  paused
      register 01           prepared (paused)  paused  (refused)
      submit                submitted (paused)  paused
      resume                succeed  finished
    `);
  });

  test('refuses branches of another type', () => {
    const reaction = opened().happens({ kind: 'registerBranch', registration: xaBranch('01') });
    expect(reaction).toMatchObject({ kind: 'refused', code: 'INVALID_REQUEST' });
  });

  test('called by JSON-RPC takes only payloads that such a call can carry', () => {
    const definition = { ...twoPhase('tcc'), protocol: 'json-rpc' as const };
    const run = new DrivenTransaction(definition, plainDefaults, { intent: 'prepare' });
    const registered = (payload: string, url: string) => {
      const registration = { ...tccBranch('01'), urls: { confirm: url, cancel: url }, payload };
      const reaction = run.happens({ kind: 'registerBranch', registration });
      return reaction.kind === 'refused' ? reaction.code : reaction.kind;
    };
    expect(registered('[1]', 'http://a?method=m')).toBe('INVALID_REQUEST');
    expect(registered('[1]', 'http://a')).toBe('changed');
    expect(registered('{}', 'http://a?method=m')).toBe('CONFLICTING_REPEAT');
  });

  test('is prepared before it is submitted', () => {
    expect(() => machineOf('tcc').open(twoPhase('tcc'), 'submit', 0, 0)).toThrow('prepared before it is submitted');
  });

  test('calls each branch with its own payload, method, headers and the time of its transaction', () => {
    const run = opened({ requestTimeoutMs: 7 });
    const request = { method: 'PUT', headers: { 'x-a': '1' } } as const;
    run.happens({ kind: 'registerBranch', registration: { ...tccBranch('01'), request } });
    run.happens({ kind: 'submit', delayMs: 0 });
    const call = { branchId: '01', op: 'confirm', url: 'http://ok01', payload: '{"b":01}', timeoutMs: 7, request };
    expect(run.settle()).toEqual({ kind: 'calls', calls: [call], wakeAt: undefined });
  });

  test('shows both sides of each branch, the undoing first', () => {
    const run = opened();
    run.happens({ kind: 'registerBranch', registration: tccBranch('01', 'o') });
    const shown = () =>
      machineOf('tcc')
        .branches(run.tx)
        .map(({ branchId, op, status }) => `${branchId} ${op} ${status}`);
    expect(shown()).toEqual(['01 cancel prepared', '01 confirm prepared']);
    run.happens({ kind: 'abort', reason: '' });
    run.settle();
    expect(shown()).toEqual(['01 cancel succeed', '01 confirm prepared']);
  });
});

describe('a TCC of many branches', () => {
  function registered(count: number, idOf: (index: number) => string): DrivenTransaction {
    const run = opened();
    for (let index = 0; index < count; index += 1) {
      run.happens({ kind: 'registerBranch', registration: tccBranch(idOf(index)) });
    }
    return run;
  }

  const plainId = (index: number): string => String(index + 1).padStart(2, '0');

  test('has as many as a transaction may have, and no more', () => {
    const run = registered(limits.branchesMax, plainId);
    const one = run.happens({ kind: 'registerBranch', registration: tccBranch('one-more') });
    expect(one).toMatchObject({ kind: 'refused', code: 'LIMIT_EXCEEDED' });
    const again = run.happens({ kind: 'registerBranch', registration: tccBranch('01') });
    expect(again).toEqual({ kind: 'unchanged' });
    run.happens({ kind: 'submit', delayMs: 0 });
    const calls = run.runToEnd();
    expect([calls.length, calls[0], calls.at(-1)]).toEqual([10_000, '10000 confirm', '01 confirm']);
  });

  test('hold at most so many bytes together, URLs and headers counted', () => {
    const run = opened();
    const payload = 'x'.repeat(limits.payloadBytesMax - 1_000);
    const registered: unknown[] = [];
    for (let n = 0; n < 20; n += 1) {
      const registration = { ...tccBranch(plainId(n)), payload, request: { headers: { a: 'x'.repeat(1_000) } } };
      const reaction = run.happens({ kind: 'registerBranch', registration });
      registered.push(reaction.kind === 'refused' ? reaction.code : reaction.kind);
    }
    expect(registered).toEqual([...Array<string>(15).fill('changed'), ...Array<string>(5).fill('LIMIT_EXCEEDED')]);
    const small = run.happens({ kind: 'registerBranch', registration: tccBranch('small') });
    expect(small.kind).toBe('changed');
    run.happens({ kind: 'submit', delayMs: 0 });
    expect(run.runToEnd()).toHaveLength(16);
  });

  /** Looks at rows while every branch is called once: the machine's work, whatever the machine it runs on. */
  function looksPerBranch(count: number, first: 'success' | 'unknown', idOf: (index: number) => string): number {
    const run = registered(count, idOf);
    run.happens({ kind: 'submit', delayMs: 0 });
    let looks = 0;
    const rows = run.tx.rows as Map<string, unknown>;
    const get = rows.get.bind(rows);
    rows.get = (key) => {
      looks += 1;
      return get(key);
    };
    for (let index = 0; index < count; index += 1) {
      const [call = ''] = run.calls();
      run.answers(call, index === 0 ? first : 'success');
    }
    return looks / count;
  }

  test('looks at each branch about as often, however many there are', () => {
    expect(looksPerBranch(4_000, 'success', plainId)).toBeLessThan(20);
  });

  test('does so too while the first of them backs off', () => {
    expect(looksPerBranch(4_000, 'unknown', plainId)).toBeLessThan(20);
  });

  test('does so too where all are inside one', () => {
    const inside = (index: number): string => (index === 3_999 ? '01' : `01${String(index).padStart(4, '0')}`);
    expect(looksPerBranch(4_000, 'success', inside)).toBeLessThan(20);
  });
});
