import { describe, expect, test } from 'vitest';
import { plainDefaults, tccBranch, workflow, workflowStep } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { play, tidy } from '../../test/support/transcript.js';
import { limits, machineOf, workflowResult, workflowSteps, type Protocol, type TransactionOptions } from '../index.js';

function opened(options: Partial<TransactionOptions> = {}): DrivenTransaction {
  return new DrivenTransaction(workflow(options), plainDefaults, { intent: 'prepare' });
}

function expectTranscript(transcript: string, options: Partial<TransactionOptions> = {}): DrivenTransaction {
  const run = opened(options);
  expect(play(run, transcript).replace(/ {2,}/g, '  ')).toBe(tidy(transcript).replace(/ {2,}/g, '  '));
  return run;
}

describe('a workflow', () => {
  test('ends as its own code says, with its result', () => {
    const run = expectTranscript(`
      look                  prepared  waits 10
      record 01             prepared  waits 10
      succeed b3V0          succeed  finished
    `);
    expect(workflowResult(run.tx)).toBe('b3V0');
    expect(workflowSteps(run.tx).map(({ branchId, op, status }) => `${branchId} ${op} ${status}`)).toEqual([
      '01 action succeed',
    ]);
  });

  test('fails as its own code says, with the reason', () => {
    const run = expectTranscript(`
      record 01 action failed  prepared  waits 10
      record 01 rollback       prepared  waits 10
      fail no money            failed  finished
    `);
    expect(run.reason).toBe('no money');
  });

  test('is resumed when nothing was heard of it for its interval, again and again, further and further apart', () => {
    expectTranscript(
      `
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 10 for http://wf
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 20 for http://wf
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 40 for http://wf
    `,
      { retry: { factor: 2, maxMs: 1_000 } },
    );
  });

  test('takes no answer of its service for its end, not even success', () => {
    const run = expectTranscript(`
      wake                  prepared  calls 00 resume
      00 resume success     prepared  waits 10 for http://wf
      wake                  prepared  calls 00 resume
      00 resume failure     prepared  waits 10 for http://wf
      wake                  prepared  calls 00 resume
      succeed b3V0          succeed  finished
      00 resume success     succeed  finished  (unchanged)
    `);
    expect(workflowResult(run.tx)).toBe('b3V0');
  });

  test('is not resumed while its steps keep coming', () => {
    expectTranscript(`
      after 9               prepared  waits 1
      record 01             prepared  waits 10
      after 9               prepared  waits 1
      record 02             prepared  waits 10
      record 02             prepared  waits 10  (unchanged)
      retryNow              prepared  waits 10  (unchanged)
      wake                  prepared  calls 00 resume
      record 03             prepared  waits 10
      00 resume unknown     prepared  waits 10  (unchanged)
    `);
  });

  test('takes no answer of a resume that was not due', () => {
    expectTranscript(`
      00 resume unknown     prepared  waits 10  (unchanged)
      00 resume ongoing     prepared  waits 10  (unchanged)
    `);
  });

  test('goes back to its first interval when a resumed execution records', () => {
    expectTranscript(
      `
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 10 for http://wf
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 20 for http://wf
      wake                  prepared  calls 00 resume
      record 01             prepared  waits 10
    `,
      { retry: { factor: 2, maxMs: 1_000 } },
    );
  });

  test('is resumed at once when a person asks for it, unless its code is at work', () => {
    expectTranscript(`
      retryNow              prepared  waits 10  (unchanged)
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 10 for http://wf
      retryNow              prepared  calls 00 resume
    `);
  });

  test('is not run beside itself after its service has said that it is at work, whatever came before', () => {
    expectTranscript(
      `
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 10 for http://wf
      wake                  prepared  calls 00 resume
      00 resume ongoing     prepared  waits 10
      retryNow              prepared  waits 10  (unchanged)
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 10 for http://wf
    `,
      { retry: { factor: 2, maxMs: 1_000, limit: 1 } },
    );
  });

  test('keeps the first record of a step, and tells the execution that comes second', () => {
    const run = opened();
    run.happens({ kind: 'registerBranch', registration: workflowStep('01', 'action', 'succeed', 'one') });
    const second = run.happens({
      kind: 'registerBranch',
      registration: workflowStep('01', 'action', 'succeed', 'another'),
    });
    expect(second).toMatchObject({ kind: 'refused', code: 'STEP_ALREADY_RECORDED' });
    expect(workflowSteps(run.tx)[0]?.registered.payload).toBe('one');
  });

  test('records nothing after its end, and does not say so in a way that rolls back', () => {
    const run = expectTranscript(`
      succeed b3V0          succeed  finished
      record 01             succeed  finished  (refused)
    `);
    const late = run.happens({ kind: 'registerBranch', registration: workflowStep('01') });
    expect(late).toMatchObject({ code: 'ALREADY_FINISHED' });
  });

  test('takes the same verdict again, and not the other one', () => {
    expectTranscript(`
      succeed b3V0          succeed  finished
      succeed b3V0          succeed  finished  (unchanged)
      fail too late         succeed  finished  (refused)
    `);
  });

  test('is aborted by nobody, and submitted by nobody without a verdict', () => {
    expectTranscript(`
      abort                 prepared  waits 10  (refused)
      submit                prepared  waits 10  (refused)
    `);
  });

  test('is paused by a used-up limit of resumes, and starts afresh when it goes on', () => {
    const run = expectTranscript(
      `
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared  waits 10 for http://wf
      wake                  prepared  calls 00 resume
      00 resume unknown     prepared (paused)  paused
    `,
      { retry: { limit: 1, then: 'rollback' } },
    );
    expect(run.tx.head.state.pauseReason).toBe('it was resumed 2 times without an end; the last: because');
    run.happens({ kind: 'resume' });
    expect(run.calls()).toEqual(['00 resume']);
  });

  test('can end while it is paused', () => {
    expectTranscript(`
      pause                 prepared (paused)  paused
      record 01             prepared (paused)  paused
      succeed b3V0          succeed  finished
    `);
  });

  test('is ended by force, without a result', () => {
    const run = expectTranscript(`
      forceStop gone        failed  finished
      succeed b3V0          failed  finished  (refused)
    `);
    expect(workflowResult(run.tx)).toBe('');
  });

  test('is resumed by its name with its input, and has longer for it than a branch', () => {
    const run = opened();
    run.now += 10;
    const call = { branchId: '00', op: 'resume', url: 'http://wf', wireOp: 'wf', timeoutMs: 30 };
    expect(run.settle()).toMatchObject({ calls: [{ ...call, payload: new TextEncoder().encode('in') }] });
  });

  test.each<readonly [Protocol, string, 'inside a message' | 'as it is']>([
    ['grpc', 'wf:80/workflow.Workflow/Execute', 'inside a message'],
    ['grpc', 'dns:///wf:80/workflow.Workflow/Execute', 'inside a message'],
    ['http', 'grpc://wf/workflow.Workflow/Execute', 'inside a message'],
    ['json-rpc', 'GRPCS://wf/workflow.Workflow/Execute', 'inside a message'],
    ['grpc', 'http://wf', 'as it is'],
    ['grpc', 'HTTPS://wf', 'as it is'],
    ['json-rpc', 'http://wf', 'as it is'],
  ])('of the protocol %s is resumed at %s with its input %s', (protocol, queryPrepared, form) => {
    const run = new DrivenTransaction({ ...workflow(), protocol, queryPrepared }, plainDefaults, { intent: 'prepare' });
    run.now += 10;
    const input = Uint8Array.of(0x69, 0x6e);
    const payload = form === 'as it is' ? input : Uint8Array.of(0x0a, 2, ...input);
    expect(run.settle()).toMatchObject({ calls: [{ payload }] });
  });

  test('can have an empty input, and one of any size', () => {
    const of = (data: string | null): unknown => {
      const customData = JSON.stringify({ name: 'wf', data });
      const definition = { ...workflow(), queryPrepared: 'grpc://wf/workflow.Workflow/Execute', customData };
      const run = new DrivenTransaction(definition, plainDefaults, { intent: 'prepare' });
      run.now += 10;
      const plan = run.settle();
      return plan.kind === 'calls' ? plan.calls[0]?.payload : undefined;
    };
    expect(of('')).toEqual(new Uint8Array(0));
    expect(of(null)).toEqual(new Uint8Array(0));
    const bytes = of(Buffer.alloc(300, 7).toString('base64')) as Uint8Array;
    expect([...bytes.slice(0, 4), bytes.length]).toEqual([0x0a, 0xac, 0x02, 7, 303]);
  });

  test('cannot be opened without its name, its input or the URL of its service, nor by a submit', () => {
    const open = (change: object) => () => machineOf('workflow').open({ ...workflow(), ...change }, 'prepare', 0, 0);
    expect(open({ customData: '{"data":""}' })).toThrow('custom_data');
    expect(open({ customData: '{"name":"wf","data":"?"}' })).toThrow('custom_data');
    expect(open({ customData: '{"name":"wf","data":7}' })).toThrow('custom_data');
    expect(open({ queryPrepared: '' })).toThrow('query_prepared');
    expect(() => machineOf('workflow').open(workflow(), 'submit', 0, 0)).toThrow('prepared before it is submitted');
  });

  test('refuses branches of another type', () => {
    const reaction = opened().happens({ kind: 'registerBranch', registration: tccBranch('01') });
    expect(reaction).toMatchObject({ kind: 'refused', code: 'INVALID_REQUEST' });
  });

  test('shows its steps in order, and its resume while that fails', () => {
    const run = opened();
    for (const id of ['02', '01']) run.happens({ kind: 'registerBranch', registration: workflowStep(id) });
    const shown = () =>
      machineOf('workflow')
        .branches(run.tx)
        .map(({ branchId, op }) => `${branchId} ${op}`);
    expect(shown()).toEqual(['02 action', '01 action']);
    run.now += 10;
    run.answers('00 resume', 'unknown');
    expect(shown()).toEqual(['02 action', '01 action', '00 resume']);
  });

  test('records at most so many bytes together, also when it is read in between', () => {
    const run = opened();
    const payload = new Uint8Array(limits.payloadBytesMax);
    const recorded: string[] = [];
    for (let n = 0; n < 18; n += 1) {
      const registration = { ...workflowStep(`0${String(n)}`), payload };
      const reaction = run.happens({ kind: 'registerBranch', registration });
      recorded.push(reaction.kind === 'refused' ? reaction.code : reaction.kind);
      if (n % 4 === 0) run.tx = { ...run.tx, rows: new Map(run.tx.rows) };
    }
    expect(recorded).toEqual([...Array<string>(16).fill('changed'), 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    run.happens({ kind: 'submit', delayMs: 0, verdict: { status: 'failed', reason: 'too much', result: '' } });
    expect(run.status).toBe('failed');
  });

  test('records as many steps as a transaction may have branches, and no more', () => {
    const run = opened();
    for (let n = 0; n < limits.branchesMax; n += 1) {
      const reaction = run.happens({ kind: 'registerBranch', registration: workflowStep(`0${String(n)}`) });
      expect(reaction.kind === 'changed' && reaction.mutation.rows?.length).toBe(2);
    }
    const oneMore = run.happens({ kind: 'registerBranch', registration: workflowStep('last') });
    expect(oneMore).toMatchObject({ kind: 'refused', code: 'LIMIT_EXCEEDED' });
    expect(workflowSteps(run.tx).map(({ registered }) => registered.ordinal)).toEqual([...Array(10_000).keys()]);
  });
});
