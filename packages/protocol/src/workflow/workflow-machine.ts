/**
 * Workflow: the caller's own code is the transaction. It runs in the caller's process and records each step; when it has not
 * ended in time, its service is called to run it again (branch `00`), and what is recorded is answered from the record.
 *
 * W1. Only the code decides: its submit carries the verdict. What the resume answers is no decision.
 * W2. A recorded step moves the next resume on: code that works is not run a second time beside itself.
 * W3. A step is recorded once; what is recorded is never replaced.
 */
import { InvariantError, TandemError, unreachable } from '../errors.js';
import { resolveRetry } from '../retry/retry-engine.js';
import type { Definition } from '../transaction/definition.js';
import { DueCalls } from '../transaction/due-calls.js';
import type { BranchView, Machine, MachineDefaults, OpenIntent, Plan } from '../transaction/machine.js';
import { openedHead } from '../transaction/opened-head.js';
import { statusOutcome } from '../transaction/status-outcome.js';
import { isRegistered, type Head, type RegisteredRow, type Transaction } from '../transaction/transaction.js';
import { reactWorkflow } from './workflow-reactions.js';
import { mayWorkUntil, resumeOperation, resumeRowKey, workflowCallOf } from './workflow-shape.js';

export const workflowMachine: Machine = {
  open: openWorkflow,
  react: reactWorkflow,
  plan: planWorkflow,
  outcome: statusOutcome,
  branches: workflowBranches,
};

function openWorkflow(
  { customData, queryPrepared }: Definition,
  intent: OpenIntent,
  _delayMs: number,
  now: number,
): Head {
  if (intent === 'submit') throw new TandemError('NOT_FOUND', 'a workflow is prepared before it is submitted');
  workflowCallOf(customData);
  if (queryPrepared === '') {
    throw new TandemError(
      'INVALID_REQUEST',
      'query_prepared must be set: a workflow is resumed by calling its service',
    );
  }
  return openedHead('prepared', now, 0);
}

function planWorkflow(tx: Transaction, now: number, defaults: MachineDefaults): Plan {
  const { status, isPaused } = tx.head;
  switch (status) {
    case 'succeed':
    case 'failed':
      return { kind: 'finished' };
    case 'prepared': {
      if (isPaused) return { kind: 'paused' };
      const atWorkUntil = mayWorkUntil(tx, resolveRetry(tx.definition.options.retry, defaults.retry));
      // Not for its service: that its target has room, or answers again, is no reason to resume code that is at work.
      if (now < atWorkUntil) return { kind: 'wait', wakeAt: atWorkUntil, waitsFor: undefined };
      const due = new DueCalls(tx.rows, now);
      due.add(resumeOperation(tx.definition, defaults.resumeTimeoutMs));
      return due.plan();
    }
    case 'submitted':
    case 'aborting':
      throw new InvariantError(`a workflow is never ${status}`);
    default:
      return unreachable(status);
  }
}

/** What the code has recorded, in the order of recording. */
export function workflowSteps(tx: Transaction): readonly RegisteredRow[] {
  const steps = [...tx.rows.values()].filter(isRegistered).filter((row) => row.op !== 'resume');
  return steps.sort((one, other) => one.registered.ordinal - other.registered.ordinal);
}

/** What a finished workflow answers, as its code sent it; empty where it has not ended or answers nothing. */
export function workflowResult(tx: Transaction): string {
  const payload = tx.rows.get(resumeRowKey)?.registered?.payload ?? '';
  return typeof payload === 'string' ? payload : '';
}

/** The steps; and the resume while it is tried again, so that a person sees why it does not go on. */
function workflowBranches(tx: Transaction): readonly BranchView[] {
  const steps = workflowSteps(tx).map((row): BranchView => {
    const { branchId, op, status, registered } = row;
    return { branchId, op, url: '', payload: registered.payload, status, row };
  });
  const resume = tx.rows.get(resumeRowKey);
  if (resume === undefined || resume.attempts === 0 || tx.head.status !== 'prepared') return steps;
  const { branchId, op, status } = resume;
  return [...steps, { branchId, op, url: tx.definition.queryPrepared, payload: '', status, row: resume }];
}
