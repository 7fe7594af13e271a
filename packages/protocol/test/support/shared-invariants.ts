import {
  isFinished,
  machineOf,
  type MachineDefaults,
  type Plan,
  type Reaction,
  type Transaction,
  type TransactionEvent,
} from '../../src/index.js';
import { holds, isSame } from './holds.js';
import { endsFairly, type Seen } from './search.js';

/** What holds for the plan of every type in every state (M1 to M5). */
export function checkPlan({ tx, now }: Seen, plan: Plan, defaults: MachineDefaults): void {
  const isOver = isFinished(tx.head.status);
  holds(isSame(machineOf(tx.definition.type).plan(tx, now, defaults), plan), 'the plan depends on the state alone', tx);
  holds((plan.kind === 'finished') === isOver, 'the plan ends with the transaction', tx, plan);
  holds((plan.kind === 'paused') === (!isOver && tx.head.isPaused), 'a pause stops the plan', tx, plan);
  if (plan.kind === 'calls') holds(plan.calls.length > 0, 'calls are calls', plan);
  if (plan.kind === 'calls' && plan.wakeAt !== undefined) holds(plan.wakeAt > now, 'it wakes later', plan, now);
  if (plan.kind === 'wait') holds(plan.wakeAt > now, 'it waits for later', plan, now);
}

/** What holds for every event of every type in every state (M4). */
export function checkReaction(state: Seen, event: TransactionEvent, reaction: Reaction, after: Transaction): void {
  const { tx, now } = state;
  if (reaction.kind !== 'changed') return;
  holds(!isFinished(tx.head.status), 'what is finished never changes', tx, event);
  for (const [key, row] of tx.rows)
    holds(row.status !== 'succeed' || isSame(after.rows.get(key), row), 'success stays', tx, event);
  holds((after.head.finishedAt !== undefined) === isFinished(after.head.status), 'the end has a time', after);
  const again = machineOf(tx.definition.type).react(after, event, now, repeatDefaults);
  holds(again.kind !== 'changed', 'a repeated event changes nothing', tx, event, again);
}

const repeatDefaults: MachineDefaults = {
  retry: { initialMs: 10, factor: 1, maxMs: 10, jitter: 0, limit: undefined, then: 'rollback' },
  requestTimeoutMs: 3,
  timeoutToFailMs: 35,
  checkIntervalMs: 10,
};

/** Never stuck: from everywhere a run without further faults ends. */
export function checkEnds(state: Seen, defaults: MachineDefaults): void {
  holds(endsFairly(state, defaults), 'it ends once faults stop', state.tx);
}
