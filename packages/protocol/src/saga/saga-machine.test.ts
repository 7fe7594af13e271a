import { describe, expect, test } from 'vitest';
import { plainDefaults, saga } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { play, tidy } from '../../test/support/transcript.js';
import { machineOf, type Definition } from '../index.js';

function expectTranscript(definition: Definition, transcript: string): DrivenTransaction {
  const run = new DrivenTransaction(definition, plainDefaults);
  expect(play(run, transcript).replace(/ {2,}/g, '  ')).toBe(tidy(transcript).replace(/ {2,}/g, '  '));
  return run;
}

describe('a saga of steps in sequence', () => {
  test('calls one action after the other and succeeds with the last', () => {
    expectTranscript(
      saga(['ac', 'ac']),
      `
      look                submitted  calls 01 action
      01 action success   submitted  calls 02 action
      02 action success   succeed  finished
      01 action failure   succeed  finished  (unchanged)
      `,
    );
  });

  test('compensates in reverse when a step is refused, the refused step included', () => {
    const run = expectTranscript(
      saga(['ac', 'ac', 'ac']),
      `
      01 action success      submitted  calls 02 action
      02 action failure      aborting  calls 02 compensate
      02 action success      aborting  calls 02 compensate  (unchanged)
      02 compensate success  aborting  calls 01 compensate
      01 compensate success  failed  finished
      `,
    );
    expect(run.reason).toBe('branch 02 refused: because');
    expect(run.tx.rows.has('03 compensate')).toBe(false);
  });

  test('puts the refusal and the roll-back into one mutation, with the reason', () => {
    const run = new DrivenTransaction(saga(['ac']), plainDefaults);
    const reaction = run.answers('01 action', 'failure', 'no money');
    expect(reaction).toMatchObject({
      kind: 'changed',
      mutation: {
        status: 'aborting',
        state: { reason: 'branch 01 refused: no money' },
        rows: [{ branchId: '01', op: 'action', status: 'failed', reason: 'no money' }],
      },
    });
  });

  test('calls again after an unclear answer, and after an ongoing one without counting it', () => {
    const run = expectTranscript(
      saga(['ac']),
      `
      01 action unknown   submitted  waits 10 for http://a1
      01 action unknown   submitted  waits 10 for http://a1  (unchanged)
      wake                submitted  calls 01 action
      01 action ongoing   submitted  waits 10 for http://a1
      after 4             submitted  waits 6 for http://a1
      retryNow            submitted  calls 01 action
      `,
    );
    expect(run.tx.rows.get('01 action')?.attempts).toBe(1);
  });

  test('takes a success that comes while it waits to call again', () => {
    expectTranscript(
      saga(['ac']),
      `
      01 action unknown   submitted  waits 10 for http://a1
      01 action success   succeed  finished
      `,
    );
  });

  test('calls a compensation that answers failure again, without end', () => {
    const run = new DrivenTransaction(saga(['ac'], { options: { retry: { limit: 1 } } }), plainDefaults);
    run.answers('01 action', 'failure');
    for (let round = 0; round < 20; round += 1) {
      run.answers('01 compensate', 'failure');
      run.now = run.wakeAt() ?? run.now;
      expect(run.calls()).toEqual(['01 compensate']);
    }
    expect(run.tx.rows.get('01 compensate')?.attempts).toBe(20);
  });

  test('takes an empty URL for a success, in both directions', () => {
    expectTranscript(
      saga(['c', 'a', 'ac', '']),
      `
      look                   submitted  calls 02 action
      02 action success      submitted  calls 03 action
      03 action failure      aborting  calls 03 compensate
      03 compensate success  aborting  calls 01 compensate
      01 compensate success  failed  finished
      `,
    );
    expectTranscript(saga(['', '']), 'look   succeed  finished');
    expectTranscript(saga([]), 'look   succeed  finished');
  });
});

describe('a saga with a time limit', () => {
  const definition = saga(['ac', 'ac'], { options: { timeoutToFailMs: 15 } });

  test('looks again at its deadline while calls are out, and rolls back then', () => {
    const run = expectTranscript(
      definition,
      `
      look                submitted  calls 01 action, looks again in 15
      01 action success   submitted  calls 02 action, looks again in 15
      wake                aborting  calls 02 compensate
      02 action success   aborting  calls 02 compensate  (unchanged)
      `,
    );
    expect(run.reason).toBe('Timeout after 0.015 seconds');
  });

  test('does not compensate a step that a success after the deadline would have allowed', () => {
    expectTranscript(
      definition,
      `
      after 20            aborting  calls 01 compensate
      `,
    );
    const run = new DrivenTransaction(definition, plainDefaults);
    run.now += 20;
    run.answers('01 action', 'success');
    expect(run.status).toBe('aborting');
    expect(run.runToEnd()).toEqual(['01 compensate']);
  });

  test('does not wait for a back-off beyond its deadline', () => {
    expectTranscript(
      definition,
      `
      01 action unknown   submitted  waits 10 for http://a1
      wake                submitted  calls 01 action, looks again in 5
      01 action unknown   submitted  waits 5
      wake                aborting  calls 01 compensate
      `,
    );
  });

  test('succeeds when the last step has, however late that is looked at', () => {
    const run = new DrivenTransaction(definition, plainDefaults);
    run.answers('01 action', 'success');
    run.answers('02 action', 'success');
    run.now += 100;
    run.settle();
    expect(run.status).toBe('succeed');
  });
});

describe('a saga with a limit of retries', () => {
  const limited = (then?: 'rollback' | 'pause' | 'fail') =>
    saga(['ac', 'ac'], { options: { retry: { limit: 1, ...(then && { then }) } } });

  test('rolls back after one call more than the limit', () => {
    const run = expectTranscript(
      limited(),
      `
      01 action unknown   submitted  waits 10 for http://a1
      wake                submitted  calls 01 action
      01 action unknown   aborting  calls 01 compensate
      `,
    );
    expect(run.reason).toBe('branch 01 action: no clear answer in 2 calls; the last: because');
  });

  test('pauses where that was asked for, and gets a fresh limit when it is resumed', () => {
    const run = expectTranscript(
      limited('pause'),
      `
      01 action unknown   submitted  waits 10 for http://a1
      wake                submitted  calls 01 action
      01 action unknown   submitted (paused)  paused
      resume              submitted  calls 01 action
      01 action unknown   submitted  waits 10 for http://a1
      `,
    );
    expect(run.tx.head.state.pauseReason).toBe('');
  });

  test('pauses, and does not end, once the roll-back has begun', () => {
    expectTranscript(
      limited('fail'),
      `
      01 action failure      aborting  calls 01 compensate
      01 compensate unknown  aborting  waits 10 for http://c1
      wake                   aborting  calls 01 compensate
      01 compensate failure  aborting (paused)  paused
      resume                 aborting  calls 01 compensate
      01 compensate success  failed  finished
      `,
    );
  });

  test('fails at once, compensating nothing, where that was asked for', () => {
    const run = expectTranscript(
      limited('fail'),
      `
      01 action unknown   submitted  waits 10 for http://a1
      wake                submitted  calls 01 action
      01 action unknown   failed  finished
      `,
    );
    expect(run.reason).toContain('nothing was compensated');
  });
});

describe('a concurrent saga', () => {
  test('calls all steps at once and compensates all that may have started, side by side', () => {
    expectTranscript(
      saga(['ac', 'ac', 'ac'], { isConcurrent: true }),
      `
      look                   submitted  calls 01 action, 02 action, 03 action
      03 action success      submitted  calls 01 action, 02 action
      01 action failure      aborting  calls 03 compensate, 02 compensate, 01 compensate
      02 compensate success  aborting  calls 03 compensate, 01 compensate
      03 compensate success  aborting  calls 01 compensate
      01 compensate success  failed  finished
      `,
    );
  });

  test('keeps its orders, forwards and backwards', () => {
    const definition = saga(['ac', 'ac', 'ac'], { isConcurrent: true, orders: { 0: [2], 1: [2] } });
    expectTranscript(
      definition,
      `
      look                   submitted  calls 03 action
      03 action success      submitted  calls 01 action, 02 action
      01 action success      submitted  calls 02 action
      02 action failure      aborting  calls 02 compensate, 01 compensate
      01 compensate success  aborting  calls 02 compensate
      02 compensate success  aborting  calls 03 compensate
      03 compensate success  failed  finished
      `,
    );
    expectTranscript(
      definition,
      `
      03 action failure      aborting  calls 03 compensate
      03 compensate success  failed  finished
      `,
    );
  });

  test('keeps orders through steps without a URL', () => {
    expectTranscript(
      saga(['ac', '', 'ac'], { isConcurrent: true, orders: { 0: [1], 1: [2] } }),
      `
      look                   submitted  calls 03 action
      03 action success      submitted  calls 01 action
      01 action failure      aborting  calls 01 compensate
      01 compensate success  aborting  calls 03 compensate
      `,
    );
  });
});

describe('operators and a saga', () => {
  test('a pause stops the plan but not the answers of calls that are out', () => {
    expectTranscript(
      saga(['ac', 'ac']),
      `
      pause maintenance   submitted (paused)  paused
      pause again         submitted (paused)  paused  (unchanged)
      01 action success   submitted (paused)  paused
      02 action failure   aborting (paused)  paused
      resume              aborting  calls 02 compensate
      resume              aborting  calls 02 compensate  (unchanged)
      `,
    );
  });

  test('a pause does not hide why the saga rolls back', () => {
    const run = new DrivenTransaction(saga(['ac']), plainDefaults);
    run.answers('01 action', 'failure', 'no money');
    run.happens({ kind: 'pause', reason: 'maintenance' });
    expect(run.tx.head.state).toMatchObject({ reason: 'branch 01 refused: no money', pauseReason: 'maintenance' });
  });

  test('a forced end keeps its reason and what came before, and is marked', () => {
    const run = new DrivenTransaction(saga(['ac']), plainDefaults);
    run.answers('01 action', 'failure', 'no money');
    run.happens({ kind: 'forceStop', reason: 'by hand' });
    expect(run.tx.head.state).toMatchObject({
      isForced: true,
      reason: 'by hand (it was aborting: branch 01 refused: no money)',
    });
    expect(run.status).toBe('failed');
    expect(run.happens({ kind: 'forceStop', reason: '' })).toMatchObject({ kind: 'refused', code: 'WRONG_STATUS' });
    expect(run.happens({ kind: 'pause', reason: '' })).toMatchObject({ kind: 'refused', code: 'WRONG_STATUS' });
    expect(run.happens({ kind: 'resume' })).toMatchObject({ kind: 'refused', code: 'WRONG_STATUS' });
  });

  test('nobody can prepare or abort a saga', () => {
    expect(() => new DrivenTransaction(saga(['ac']), plainDefaults, { intent: 'prepare' })).toThrow(
      /cannot be prepared/,
    );
    const run = new DrivenTransaction(saga(['ac']), plainDefaults);
    expect(run.happens({ kind: 'abort', reason: '' })).toMatchObject({ kind: 'refused', code: 'WRONG_STATUS' });
  });
});

describe('what a saga shows', () => {
  test('branches stand in the order of the steps, compensation before action', () => {
    const run = new DrivenTransaction(saga(['ac', 'ac']), plainDefaults);
    run.answers('01 action', 'success');
    const shown = machineOf('saga').branches(run.tx);
    expect(shown.map(({ branchId, op, status, url }) => `${branchId} ${op} ${status} ${url}`)).toEqual([
      '01 compensate prepared http://c1',
      '01 action succeed http://a1',
      '02 compensate prepared http://c2',
      '02 action prepared http://a2',
    ]);
  });

  test('the outcome is open until the status is final', () => {
    const run = new DrivenTransaction(saga(['ac']), plainDefaults);
    const outcome = () => machineOf('saga').outcome(run.tx);
    expect(outcome()).toEqual({ kind: 'open' });
    run.answers('01 action', 'failure', 'no money');
    expect(outcome()).toEqual({ kind: 'open' });
    run.runToEnd();
    expect(outcome()).toEqual({ kind: 'failure', reason: 'branch 01 refused: no money' });
  });
});

test('both calls of a step have its own method and headers', () => {
  const plain = saga(['ac', 'ac']);
  const request = { method: 'PUT', headers: { 'x-a': '1' } } as const;
  const steps = plain.steps.map((step, index) => (index === 0 ? { ...step, request } : step));
  const run = new DrivenTransaction({ ...plain, steps }, plainDefaults);
  const requests = () => {
    const plan = run.settle();
    return plan.kind === 'calls' ? plan.calls.map((call) => [call.branchId, call.op, call.request]) : [];
  };
  expect(requests()).toEqual([['01', 'action', request]]);
  run.answers('01 action', 'success');
  expect(requests()).toEqual([['02', 'action', undefined]]);
  run.answers('02 action', 'failure');
  run.answers('02 compensate', 'success');
  expect(requests()).toEqual([['01', 'compensate', request]]);
});

describe('a saga of ten thousand steps', () => {
  const steps = Array.from({ length: 10_000 }, () => 'ac');

  test('runs through in sequence, and back again', () => {
    const run = new DrivenTransaction(saga(steps), plainDefaults);
    expect(run.runToEnd()).toHaveLength(10_000);
    const refused = new DrivenTransaction(saga(steps), plainDefaults);
    for (let step = 1; step < 10_000; step += 1) refused.answers(`${String(step).padStart(2, '0')} action`, 'success');
    refused.answers('10000 action', 'failure');
    const undone = refused.runToEnd();
    expect(undone[0]).toBe('10000 compensate');
    expect(undone).toHaveLength(10_000);
  });

  test('runs through side by side', () => {
    const run = new DrivenTransaction(saga(steps, { isConcurrent: true }), plainDefaults);
    expect(run.runToEnd()).toHaveLength(10_000);
  });
});
