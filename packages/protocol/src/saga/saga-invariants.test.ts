import { describe, expect, test } from 'vitest';
import { holds, isSame } from '../../test/support/holds.js';
import { sagaSearches } from '../../test/support/search-cases.js';
import { search } from '../../test/support/search.js';
import { checkEnds, checkPlan, checkReaction } from '../../test/support/shared-invariants.js';
import type { Plan, Transaction } from '../index.js';
import { branchIdOf } from '../transaction/branch-id.js';

/** Told without the machine's own code: which steps each step waits for. */
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
    holds(call.url !== '', 'nothing is called without a URL', call);
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

function checkStatus(before: Transaction, after: Transaction, isFailAllowed: boolean): void {
  const steps = after.definition.steps.map((_, index) => index);
  if (before.head.status === after.head.status) return;
  if (after.head.status === 'succeed') {
    holds(
      steps.every((index) => isActionDone(after, index)),
      'success means that every step succeeded',
      after,
    );
  }
  if (after.head.status === 'failed' && !after.head.state.isForced && !isFailAllowed) {
    holds(
      steps.every((index) => isUndone(after, index)),
      'failure means that every step is undone',
      after,
    );
  }
  if (after.head.status === 'aborting') holds(after.head.state.reason !== '', 'a roll-back has a reason', after);
}

describe.each(Object.entries(sagaSearches))('in every order of events, a saga with %s', (_, options) => {
  const mayFailAtOnce = options.definition.options.retry.then === 'fail';

  test('calls only what may run, in order, and undoes exactly what may have started', () => {
    let states = 0;
    search(options, {
      planned: (state, plan) => {
        states += 1;
        checkPlan(state, plan, options.defaults);
        if (plan.kind === 'calls') checkCalls(state.tx, plan);
        if (plan.kind !== 'mutate' || plan.mutation.status === undefined) return;
        const head = { ...state.tx.head, status: plan.mutation.status };
        const reason = plan.mutation.state?.reason ?? state.tx.head.state.reason;
        checkStatus(state.tx, { ...state.tx, head: { ...head, state: { ...head.state, reason } } }, false);
      },
      reacted: (state, event, reaction, after) => {
        checkReaction(state, event, reaction, after);
        checkStatus(state.tx, after, mayFailAtOnce);
        if (state.tx.head.status === 'submitted' && after.head.status === 'aborting') {
          const reached = (tx: Transaction) => tx.definition.steps.map((_, index) => mayHaveStarted(tx, index));
          holds(isSame(reached(after), reached(state.tx)), 'what begins a roll-back starts nothing', state.tx, event);
        }
        const isUntouched = state.tx.head.status !== 'aborting' || isSame(actionRows(after), actionRows(state.tx));
        holds(isUntouched, 'no outcome of an action is recorded while aborting', state.tx, event);
      },
    });
    expect(states).toBeGreaterThan(0);
  });

  test('ends once faults stop', () => {
    search(options, { reacted: (state, event) => event.kind === 'resume' && checkEnds(state, options.defaults) });
  });
});

function actionRows(tx: Transaction): unknown {
  return [...tx.rows.values()].filter((row) => row.op === 'action');
}
