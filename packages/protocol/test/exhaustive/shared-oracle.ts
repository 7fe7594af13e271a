import { isFinished, type Plan, type Reaction, type Transaction, type TransactionEvent } from '../../src/index.js';
import { holds, isSame } from '../support/holds.js';
import { machineUnder, type Search, type Seen } from './search.js';

/** What holds for the plan of every type in every state (M1 to M5). */
export function checkPlan({ tx, now }: Seen, plan: Plan, search: Search): void {
  const isOver = isFinished(tx.head.status);
  const again = machineUnder(search).plan(tx, now, search.defaults);
  holds(isSame(again, plan), 'the plan depends on the state alone (M2)', tx);
  holds((plan.kind === 'finished') === isOver, 'the plan ends with the transaction', tx, plan);
  holds((plan.kind === 'paused') === (!isOver && tx.head.isPaused), 'a pause stops the plan', tx, plan);
  if (plan.kind === 'calls') checkCalls(tx, plan);
  if (plan.kind === 'calls' && plan.wakeAt !== undefined) holds(plan.wakeAt > now, 'it wakes later', plan, now);
  if (plan.kind === 'wait') holds(plan.wakeAt > now, 'it waits for later (M5)', plan, now);
}

function checkCalls(tx: Transaction, plan: Plan & { kind: 'calls' }): void {
  holds(plan.calls.length > 0, 'calls are calls (M5)', plan);
  const keys = plan.calls.map(({ branchId, op }) => `${branchId} ${op}`);
  holds(new Set(keys).size === keys.length, 'no operation is called twice', plan);
  for (const [at, call] of plan.calls.entries()) {
    holds(call.url !== '', 'nothing is called without a URL', call);
    holds(tx.rows.get(keys[at] ?? '')?.status !== 'succeed', 'what has succeeded is not called again', call);
  }
}

/** What holds for every event of every type in every state (M4). */
export function checkReaction(
  state: Seen & { readonly event: TransactionEvent; readonly after: Transaction },
  reaction: Reaction,
  search: Search,
): void {
  const { tx, now, event, after } = state;
  if (reaction.kind !== 'changed') return;
  const machine = machineUnder(search);
  holds(!isFinished(tx.head.status), 'what is finished never changes', tx, event);
  for (const [key, row] of tx.rows)
    holds(row.status !== 'succeed' || isSame(after.rows.get(key), row), 'success stays', tx, event);
  holds((after.head.finishedAt !== undefined) === isFinished(after.head.status), 'the end has a time', after);
  const again = machine.react(after, event, now, search.defaults);
  holds(again.kind !== 'changed', 'a repeated event changes nothing (M4)', tx, event, again);
  const [told, tells] = [machine.outcome(tx).kind, machine.outcome(after).kind];
  const stays = told === 'open' || told === tells || event.kind === 'forceStop';
  holds(stays, 'an outcome that was told stays', tx, event, told, tells);
}

/** What holds for every durable state of every type. */
export function checkDurable({ tx }: Seen, search: Search): void {
  const outcome = machineUnder(search).outcome(tx).kind;
  if (tx.head.status === 'succeed') holds(outcome === 'success', 'who waits is told of the success', tx);
  if (tx.head.status === 'failed') holds(outcome === 'failure', 'who waits is told of the failure', tx);
  if (!isFinished(tx.head.status)) holds(outcome !== 'failure', 'no failure is told before the end', tx);
}
