import { InvariantError, unreachable } from '../errors.js';
import { DueCalls } from '../transaction/due-calls.js';
import type { MachineDefaults, Plan } from '../transaction/machine.js';
import type { Transaction } from '../transaction/transaction.js';
import { actionProgress, compensationProgress, isAllDone, isStartable } from './concurrent-progress.js';
import { deadlineOf, timedOut } from '../transaction/time-limit.js';
import { sagaShape, type SagaShape } from './saga-shape.js';
import { nextAction, nextCompensation } from './sequential-progress.js';

const finished: Plan = { kind: 'finished' };
const paused: Plan = { kind: 'paused' };
const succeed: Plan = { kind: 'mutate', mutation: { status: 'succeed' } };
const failed: Plan = { kind: 'mutate', mutation: { status: 'failed' } };

/** What a saga's durable state asks for next. */
export function planSaga(tx: Transaction, now: number, defaults: MachineDefaults): Plan {
  const status = tx.head.status;
  if (status === 'succeed' || status === 'failed') return finished;
  if (tx.head.isPaused) return paused;
  const shape = sagaShape(tx.definition, defaults.requestTimeoutMs);
  switch (status) {
    case 'submitted':
      return planActions(tx, shape, now, defaults);
    case 'aborting':
      return planCompensations(tx, shape, now);
    case 'prepared':
      throw new InvariantError('a saga is never prepared');
    default:
      return unreachable(status);
  }
}

function planActions(tx: Transaction, shape: SagaShape, now: number, defaults: MachineDefaults): Plan {
  const due = new DueCalls(tx.rows, now);
  if (!addActions(shape, tx, due)) return succeed;
  // All done goes before too late: there is nothing left that the limit could save anybody from.
  const deadline = deadlineOf(tx, defaults);
  if (deadline !== undefined) {
    if (now >= deadline) return { kind: 'mutate', mutation: timedOut(tx, defaults) };
    due.wake(deadline, undefined);
  }
  return due.plan();
}

function planCompensations(tx: Transaction, shape: SagaShape, now: number): Plan {
  const due = new DueCalls(tx.rows, now);
  return addCompensations(shape, tx, due) ? due.plan() : failed;
}

/** Adds the actions that may run now; answers whether any is left to do. */
function addActions(shape: SagaShape, tx: Transaction, due: DueCalls): boolean {
  if (shape.kind === 'sequential') {
    const next = shape.actions[nextAction(shape, tx.rows)];
    if (next !== undefined) due.add(next);
    return next !== undefined;
  }
  const progress = actionProgress(shape, tx.rows);
  if (isAllDone(progress)) return false;
  for (const index of shape.order) {
    const action = shape.actions[index];
    if (action !== undefined && isStartable(progress, index)) due.add(action);
  }
  return true;
}

/** Adds the compensations that may run now; answers whether any is left to do. */
function addCompensations(shape: SagaShape, tx: Transaction, due: DueCalls): boolean {
  if (shape.kind === 'sequential') {
    const next = shape.compensations[nextCompensation(shape, tx.rows)];
    if (next !== undefined) due.add(next);
    return next !== undefined;
  }
  const progress = compensationProgress(shape, tx.rows);
  if (isAllDone(progress)) return false;
  for (let at = shape.order.length - 1; at >= 0; at -= 1) {
    const index = shape.order[at] ?? 0;
    const compensation = shape.compensations[index];
    if (compensation !== undefined && isStartable(progress, index)) due.add(compensation);
  }
  return true;
}
