import { describe, expect, test } from 'vitest';
import { plainDefaults, tccBranch, twoPhase, xaBranch } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { play, tidy } from '../../test/support/transcript.js';
import { limits, machineOf, type TransactionOptions } from '../index.js';

function opened(options: Partial<TransactionOptions> = {}): DrivenTransaction {
  return new DrivenTransaction(twoPhase('xa', { timeoutToFailMs: 35, ...options }), plainDefaults, {
    intent: 'prepare',
  });
}

function expectTranscript(transcript: string): DrivenTransaction {
  const run = opened();
  expect(play(run, transcript).replace(/ {2,}/g, '  ')).toBe(tidy(transcript).replace(/ {2,}/g, '  '));
  return run;
}

describe('an XA', () => {
  test('commits its branches in the order of registration, one after the other', () => {
    expectTranscript(`
      register 01          prepared  waits 35
      register 02          prepared  waits 35
      submit               submitted  calls 01 commit
      01 commit success    submitted  calls 02 commit
      02 commit success    succeed  finished
    `);
  });

  test('rolls back in the order of registration', () => {
    expectTranscript(`
      register 01          prepared  waits 35
      register 02          prepared  waits 35
      abort                aborting  calls 01 rollback
      01 rollback success  aborting  calls 02 rollback
      02 rollback success  failed  finished
    `);
  });

  test('rolls back when its time is over', () => {
    expectTranscript(`
      register 01          prepared  waits 35
      wake                 aborting  calls 01 rollback
      register 02          aborting  calls 01 rollback  (refused)
    `);
  });

  test('lets other branches give their locks back while one backs off', () => {
    expectTranscript(`
      register 01          prepared  waits 35
      register 02          prepared  waits 35
      submit               submitted  calls 01 commit
      01 commit failure    submitted  calls 02 commit, looks again in 10
      02 commit success    submitted  waits 10 for http://xa01
      wake                 submitted  calls 01 commit
      01 commit success    succeed  finished
    `);
  });

  test('sends no payload: the databases know what they prepared', () => {
    const run = opened();
    run.happens({ kind: 'registerBranch', registration: xaBranch('01') });
    run.happens({ kind: 'submit', delayMs: 0 });
    expect(run.settle()).toMatchObject({ calls: [{ url: 'http://xa01', payload: '', timeoutMs: 3 }] });
  });

  test('names the branches that a stop by force may leave prepared in their databases', () => {
    const run = opened();
    for (const id of ['01', '02']) run.happens({ kind: 'registerBranch', registration: xaBranch(id) });
    run.happens({ kind: 'submit', delayMs: 0 });
    run.answers('01 commit', 'success');
    run.happens({ kind: 'forceStop', reason: 'gone' });
    expect(run.reason).toBe('gone (may still be prepared in their databases: branches 02)');
  });

  test('names them all while it is undecided, but not without end', () => {
    const run = opened();
    for (let n = 1; n <= 60; n += 1) {
      run.happens({ kind: 'registerBranch', registration: xaBranch(String(n).padStart(2, '0')) });
    }
    run.happens({ kind: 'forceStop', reason: '' });
    expect(run.reason).toMatch(/^may still be prepared in their databases: branches 01, 02, .*, 50, \.\.\.$/);
  });

  test('has nothing to name where all are done, or none was registered', () => {
    const run = opened();
    run.happens({ kind: 'forceStop', reason: 'gone' });
    expect(run.reason).toBe('gone');
  });

  test('refuses branches of another type, and a submit without a prepare', () => {
    const reaction = opened().happens({ kind: 'registerBranch', registration: tccBranch('01') });
    expect(reaction).toMatchObject({ kind: 'refused', code: 'INVALID_REQUEST' });
    expect(() => machineOf('xa').open(twoPhase('xa'), 'submit', 0, 0)).toThrow('prepared before it is submitted');
  });

  test('calls as many branches as a transaction may have, all of them inside the first', () => {
    const run = opened();
    for (let n = 0; n < limits.branchesMax; n += 1) {
      const registration = xaBranch(n === 0 ? '01' : `01${String(n).padStart(4, '0')}`);
      run.happens({ kind: 'registerBranch', registration });
    }
    run.happens({ kind: 'submit', delayMs: 0 });
    const calls = run.runToEnd();
    expect([calls.length, calls[0], calls.at(-1)]).toEqual([10_000, '010001 commit', '01 commit']);
  });
});
