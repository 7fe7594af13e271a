import { describe, expect, test } from 'vitest';
import { plainDefaults, saga, workflow, workflowStep } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { machineOf, workflowResult } from '../index.js';
import { queryView, workflowView } from './query-view.js';

const definition = saga(['ac'], {
  options: { timeoutToFailMs: 5_000, retry: { limit: 3 }, branchHeaders: { token: 'secret' } },
});

function viewOf(run: DrivenTransaction) {
  const { gid, head } = run.tx;
  const branches = machineOf('saga').branches(run.tx);
  return queryView({ gid, definition, head, branches, dueAt: run.now + 10, leaseOwner: 'node-1' });
}

describe('a query', () => {
  test("shows a transaction with DTM's members", () => {
    const run = new DrivenTransaction(definition, plainDefaults);
    run.answers('01 action', 'unknown', 'lost');
    expect(viewOf(run)).toEqual({
      transaction: {
        id: 0,
        create_time: '1970-01-01T00:00:01.000Z',
        update_time: '1970-01-01T00:00:01.000Z',
        gid: 'g',
        trans_type: 'saga',
        status: 'submitted',
        protocol: 'http',
        options: JSON.stringify({
          timeout_to_fail: 5,
          branch_headers: { token: '***' },
          concurrent: false,
          retry_limit: 3,
          retry: { limit: 3 },
        }),
        next_cron_time: '1970-01-01T00:00:01.010Z',
        owner: 'node-1',
        concurrent: false,
        is_paused: false,
        is_forced: false,
        submit_time: '1970-01-01T00:00:01.000Z',
      },
      branches: [
        {
          id: 1,
          create_time: '1970-01-01T00:00:01.000Z',
          update_time: '1970-01-01T00:00:01.000Z',
          gid: 'g',
          url: 'http://c1',
          bin_data: 'eyJzdGVwIjoxfQ==',
          branch_id: '01',
          op: 'compensate',
          status: 'prepared',
        },
        {
          id: 2,
          create_time: '1970-01-01T00:00:01.000Z',
          update_time: '1970-01-01T00:00:01.000Z',
          gid: 'g',
          url: 'http://a1',
          bin_data: 'eyJzdGVwIjoxfQ==',
          branch_id: '01',
          op: 'action',
          status: 'prepared',
          attempts: 1,
          next_attempt_time: '1970-01-01T00:00:01.010Z',
          reason: 'lost',
        },
      ],
    });
  });

  test('tells when and why a transaction failed', () => {
    const run = new DrivenTransaction(definition, plainDefaults);
    run.answers('01 action', 'failure', 'no money');
    run.runToEnd();
    expect(viewOf(run)['transaction']).toMatchObject({
      status: 'failed',
      rollback_time: '1970-01-01T00:00:01.000Z',
      rollback_reason: 'branch 01 refused: no money',
    });
  });

  test('tells an unknown gid by null', () => {
    expect(queryView(undefined)).toEqual({ transaction: null, branches: [] });
  });
});

test('a workflow is told how it ended, and what it has recorded', () => {
  const run = new DrivenTransaction(workflow(), plainDefaults, { intent: 'prepare' });
  run.happens({ kind: 'registerBranch', registration: workflowStep('01', 'action', 'succeed', 'did') });
  const verdict = { status: 'failed', reason: 'no money', result: 'b3V0' } as const;
  run.happens({ kind: 'submit', delayMs: 0, verdict });
  const { gid, head } = run.tx;
  const steps = machineOf('workflow').branches(run.tx);
  expect(workflowView({ gid, head, customData: '{"name":"n"}', result: workflowResult(run.tx), steps })).toEqual({
    transaction: {
      gid: 'g',
      trans_type: 'workflow',
      status: 'failed',
      rollback_reason: 'no money',
      result: 'b3V0',
      custom_data: '{"name":"n"}',
      create_time: '1970-01-01T00:00:01.000Z',
      update_time: '1970-01-01T00:00:01.000Z',
    },
    progresses: [{ branch_id: '01', op: 'action', status: 'succeed', bin_data: 'ZGlk' }],
  });
});
