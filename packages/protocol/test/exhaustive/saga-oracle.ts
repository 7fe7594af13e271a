import type { Plan, Transaction } from '../../src/index.js';
import { branchIdOf } from '../../src/transaction/branch-id.js';
import { holds, isSame } from '../support/holds.js';
import type { TypeOracle } from './searched-types.js';

/** The saga's promises, told without the machine's own code. */
export const sagaOracle: TypeOracle = {
  planned({ tx }, plan) {
    if (plan.kind === 'calls') checkCalls(tx, plan);
  },
  reacted({ tx }, event, after) {
    const isUntouched = tx.head.status !== 'aborting' || isSame(actionRows(after), actionRows(tx));
    holds(isUntouched, 'no outcome of an action is recorded while aborting (S2)', tx, event);
  },
  committed(before, after) {
    if (before.head.status !== 'submitted' || after.head.status !== 'aborting') return;
    const reached = (tx: Transaction) => tx.definition.steps.map((_, index) => mayHaveStarted(tx, index));
    holds(isSame(reached(after), reached(before)), 'what begins a roll-back starts nothing (M6, S2)', before, after);
  },
  durable({ tx }) {
    const steps = tx.definition.steps.map((_, index) => index);
    const { status, state } = tx.head;
    const mayFailAtOnce = state.isForced || tx.definition.options.retry.then === 'fail';
    if (status === 'succeed') {
      const isAll = steps.every((index) => isActionDone(tx, index));
      holds(isAll, 'success means that every step succeeded', tx);
    }
    if (status === 'failed' && !mayFailAtOnce) {
      const isNothing = steps.every((index) => isUndone(tx, index));
      holds(isNothing, 'failure means that every step that may have started is undone', tx);
    }
    if (status === 'failed' && !state.isForced) holds(state.reason !== '', 'a failure has a reason', tx);
    if (status === 'aborting') holds(state.reason !== '', 'a roll-back has a reason', tx);
  },
};

/** Which steps each step waits for. */
function predecessorsOf(tx: Transaction, index: number): readonly number[] {
  if (tx.definition.isConcurrent) return tx.definition.orders[index] ?? [];
  return index === 0 ? [] : [index - 1];
}

function successorsOf(tx: Transaction, index: number): readonly number[] {
  return tx.definition.steps.flatMap((_, other) => (predecessorsOf(tx, other).includes(index) ? [other] : []));
}

function hasSucceeded(tx: Transaction, index: number, op: 'action' | 'compensate'): boolean {
  return tx.rows.get(`${branchIdOf(index)} ${op}`)?.status === 'succeed';
}

function isActionDone(tx: Transaction, index: number): boolean {
  const isEmpty = tx.definition.steps[index]?.action === '';
  return mayHaveStarted(tx, index) && (isEmpty || hasSucceeded(tx, index, 'action'));
}

function mayHaveStarted(tx: Transaction, index: number): boolean {
  return predecessorsOf(tx, index).every((predecessor) => isActionDone(tx, predecessor));
}

function isUndone(tx: Transaction, index: number): boolean {
  if (!mayHaveStarted(tx, index)) return true;
  const isEmpty = tx.definition.steps[index]?.compensate === '';
  const areFollowersUndone = successorsOf(tx, index).every((successor) => isUndone(tx, successor));
  return areFollowersUndone && (isEmpty || hasSucceeded(tx, index, 'compensate'));
}

function checkCalls(tx: Transaction, plan: Plan & { kind: 'calls' }): void {
  for (const call of plan.calls) {
    const index = Number(call.branchId) - 1;
    if (tx.head.status === 'submitted') {
      holds(call.op === 'action', 'only actions are called', call);
      const isReady = predecessorsOf(tx, index).every((other) => isActionDone(tx, other));
      holds(isReady, 'an action waits for those before it', tx, call);
    } else {
      holds(call.op === 'compensate', 'only compensations are called', call);
      holds(mayHaveStarted(tx, index), 'what cannot have started is not compensated', tx, call);
      const isReady = successorsOf(tx, index).every((other) => isUndone(tx, other));
      holds(isReady, 'a compensation waits for those of later steps', tx, call);
    }
  }
}

function actionRows(tx: Transaction): unknown {
  return [...tx.rows.values()].filter((row) => row.op === 'action');
}
