import type { BranchRow, Plan, Transaction, TransactionEvent } from '../../src/index.js';
import { holds, isSame } from '../support/holds.js';
import type { Seen } from './search.js';
import type { TypeOracle } from './searched-types.js';

/** The workflow's promises, told without the machine's own code. */
export const workflowOracle: TypeOracle = {
  planned(state, plan) {
    if (plan.kind === 'calls') checkResume(state, plan);
  },
  reacted({ tx }, event, after) {
    checkVerdict(tx, event, after);
    checkSteps(tx, event, after);
    checkPause(tx, event, after);
  },
  committed(before, after) {
    const isKept = stepsOf(before).every((row) => isSame(after.rows.get(`${row.branchId} ${row.op}`), row));
    holds(isKept, 'no commit changes a recorded step (W3)', before, after);
  },
  durable({ tx }) {
    const { status, isPaused } = tx.head;
    holds(status !== 'submitted' && status !== 'aborting', 'a workflow runs, or has ended', tx);
    holds(status === 'prepared' || !isPaused, 'what has ended waits for nobody', tx);
    const places = stepsOf(tx).map(({ registered }) => registered?.ordinal ?? -1);
    const isInOrder = [...places].sort((one, other) => one - other).every((place, at) => place === at);
    holds(isInOrder, 'steps have their places, from 0', tx);
  },
};

function stepsOf({ rows }: Transaction): readonly BranchRow[] {
  return [...rows.values()].filter(({ op }) => op !== 'resume');
}

/** Never while its code is at work, as far as the record tells (W2). */
function checkResume({ tx, now }: Seen, plan: Plan & { kind: 'calls' }): void {
  const intervalMs = tx.definition.options.retry.initialMs ?? 10;
  const atWorkUntil = Math.max(tx.head.createdAt, ...stepsOf(tx).map(({ createdAt }) => createdAt)) + intervalMs;
  holds(now >= atWorkUntil, 'nobody starts it beside an execution that records', tx, now);
  holds(plan.calls.length === 1, 'it is resumed once at a time', plan);
  for (const call of plan.calls) {
    holds(call.branchId === '00' && call.op === 'resume' && call.wireOp === 'wf', 'it is resumed by its name', call);
    holds(call.url === 'http://wf' && call.timeoutMs === 30, 'at its service, with a time of its own', call);
    const isInput = call.payload instanceof Uint8Array && String.fromCharCode(...call.payload) === 'in';
    holds(isInput, 'with its input', call);
  }
}

/** Only its own code ends it, and an operator by force (W1). */
function checkVerdict(before: Transaction, event: TransactionEvent, after: Transaction): void {
  if (before.head.status === after.head.status) return;
  if (event.kind === 'forceStop') return;
  const verdict = event.kind === 'submit' ? event.verdict : undefined;
  holds(verdict?.status === after.head.status, 'the verdict decides', before, event);
  holds(after.head.state.reason === verdict?.reason, 'the reason is kept', after, event);
  const result = after.rows.get('00 resume')?.registered?.payload;
  holds(result === verdict?.result, 'the result is kept', after, event);
}

function checkSteps(before: Transaction, event: TransactionEvent, after: Transaction): void {
  const isKept = stepsOf(before).every((row) => isSame(after.rows.get(`${row.branchId} ${row.op}`), row));
  holds(isKept, 'a recorded step is final (W3)', before, event);
  if (stepsOf(after).length === stepsOf(before).length) return;
  holds(event.kind === 'registerBranch' && before.head.status === 'prepared', 'only code that runs records', before);
}

function checkPause(before: Transaction, event: TransactionEvent, after: Transaction): void {
  if (event.kind !== 'branchAnswered' || before.head.isPaused === after.head.isPaused) return;
  const { limit } = before.definition.options.retry;
  const attempts = after.rows.get('00 resume')?.attempts ?? 0;
  holds(limit !== undefined && attempts > limit, 'it pauses when its limit is used up', before, event);
}
