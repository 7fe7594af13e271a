/**
 * How far a concurrent saga has come, read from its rows alone. One pass over the steps; an empty URL counts as done
 * once what it waits for is, so that orders through it hold.
 */
import type { Operation } from '../transaction/due-calls.js';
import type { BranchRow } from '../transaction/transaction.js';
import type { ConcurrentShape } from './saga-shape.js';

type Rows = ReadonlyMap<string, BranchRow>;

const waiting = 0;
const startable = 1;
const done = 2;

/** By step: not startable yet, startable (and so perhaps started), or durably done. */
export type Progress = Uint8Array;

function isOperationDone(rows: Rows, operation: Operation | undefined): boolean {
  return operation === undefined || rows.get(operation.key)?.status === 'succeed';
}

/** How far the actions are. */
export function actionProgress(shape: ConcurrentShape, rows: Rows): Progress {
  const progress = new Uint8Array(shape.order.length);
  for (const index of shape.order) {
    if (!areDone(progress, shape.predecessors[index] ?? [])) continue;
    progress[index] = isOperationDone(rows, shape.actions[index]) ? done : startable;
  }
  return progress;
}

/** How far the compensations are; a step whose action cannot have started counts as done. */
export function compensationProgress(shape: ConcurrentShape, rows: Rows): Progress {
  const actions = actionProgress(shape, rows);
  const progress = new Uint8Array(shape.order.length);
  for (let at = shape.order.length - 1; at >= 0; at -= 1) {
    const index = shape.order[at] ?? 0;
    if (actions[index] === waiting) progress[index] = done;
    else if (areDone(progress, shape.successors[index] ?? [])) {
      progress[index] = isOperationDone(rows, shape.compensations[index]) ? done : startable;
    }
  }
  return progress;
}

function areDone(progress: Progress, indexes: readonly number[]): boolean {
  for (const index of indexes) if (progress[index] !== done) return false;
  return true;
}

/** Whether this step is to be called now. */
export function isStartable(progress: Progress, index: number): boolean {
  return progress[index] === startable;
}

/** Whether the step is startable or done. */
export function isReached(progress: Progress, index: number): boolean {
  return (progress[index] ?? waiting) !== waiting;
}

/** Whether nothing is left to do. */
export function isAllDone(progress: Progress): boolean {
  for (const step of progress) if (step !== done) return false;
  return true;
}
