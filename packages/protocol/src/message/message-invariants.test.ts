import { describe, expect, test } from 'vitest';
import { holds } from '../../test/support/holds.js';
import { messageSearches } from '../../test/support/search-cases.js';
import { search } from '../../test/support/search.js';
import { checkEnds, checkPlan, checkReaction } from '../../test/support/shared-invariants.js';
import { machineOf, type Plan, type Transaction, type TransactionEvent } from '../index.js';

function isDelivered(tx: Transaction): boolean {
  return machineOf('msg')
    .branches(tx)
    .every(({ url, row }) => url === '' || row?.status === 'succeed');
}

function checkCalls(tx: Transaction, now: number, plan: Plan & { kind: 'calls' }): void {
  const { submittedAt, delayMs } = tx.head.state;
  for (const call of plan.calls) {
    holds(call.op === (tx.head.status === 'prepared' ? 'msg' : 'action'), 'an undecided message is not sent', tx, call);
    holds(call.op === 'msg' || now >= submittedAt + delayMs, 'the delay is kept', tx, now);
  }
  const isFollowing = plan.calls.filter((call) => call.op === 'action' && !isAsync(tx, call.branchId));
  holds(tx.definition.isConcurrent || isFollowing.length <= 1, 'deliveries follow one another', tx, plan);
}

function isAsync(tx: Transaction, branchId: string): boolean {
  return tx.definition.steps[Number(branchId.slice(0, 2)) - 1]?.isAsync ?? false;
}

/** Only its own caller, its back-check or force decide against a message, and only while it is undecided. */
function checkDecision(before: Transaction, event: TransactionEvent, after: Transaction): void {
  if (after.head.status === 'failed' && before.head.status !== 'failed' && event.kind !== 'forceStop') {
    holds(before.head.status === 'prepared', 'a decided message does not fail', before, event);
  }
  if (machineOf('msg').outcome(before).kind === 'success' && event.kind !== 'forceStop') {
    holds(machineOf('msg').outcome(after).kind === 'success', 'a success that was told stays', before, event);
  }
}

describe.each(Object.entries(messageSearches))('in every order of events, a message %s', (_, options) => {
  test('is delivered if and only if it was decided so, in order, and after its delay', () => {
    const states = search(options, {
      planned: (state, plan) => {
        checkPlan(state, plan, options.defaults);
        if (plan.kind === 'calls') checkCalls(state.tx, state.now, plan);
        const isEnd = plan.kind === 'mutate';
        holds(!isEnd || (plan.mutation.status === 'succeed' && isDelivered(state.tx)), 'it ends delivered', state.tx);
      },
      reacted: (state, event, reaction, after) => {
        checkReaction(state, event, reaction, after);
        checkDecision(state.tx, event, after);
      },
    });
    expect(states).toBeGreaterThan(10);
  });

  test('ends once faults stop', () => {
    search(options, { reacted: (state, event) => event.kind === 'resume' && checkEnds(state, options.defaults) });
  });
});
