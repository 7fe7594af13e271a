/**
 * How far a sequential saga has come, read from its rows alone.
 *
 * Q1. Actions succeed in order and compensations in reverse, because `react` takes no other: so "is done" changes once
 *     along each list, and a binary search finds where.
 * Q2. A step may have started if every step before it has durably succeeded (an empty URL counts): step `reached`, and
 *     those before it.
 */
import type { Operation } from '../transaction/due-calls.js';
import type { BranchRow } from '../transaction/transaction.js';
import type { SequentialShape } from './saga-shape.js';

type Rows = ReadonlyMap<string, BranchRow>;

function isDone(rows: Rows, operation: Operation | undefined): boolean {
  return operation !== undefined && rows.get(operation.key)?.status === 'succeed';
}

/** Position in `actions` of the first that has not succeeded; their number when all have. */
export function nextAction(shape: SequentialShape, rows: Rows): number {
  if (rows.size === 0) return 0;
  let low = 0;
  let high = shape.actions.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isDone(rows, shape.actions[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position in `compensations` of the one that is to be done next, or -1 when all that must be done are. */
export function nextCompensation(shape: SequentialShape, rows: Rows): number {
  const reached = shape.actionSteps[nextAction(shape, rows)] ?? Number.MAX_SAFE_INTEGER;
  const count = countUpTo(shape.compensateSteps, reached);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isDone(rows, shape.compensations[middle])) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

/** How many of the ascending indexes are at most `last`. */
function countUpTo(indexes: readonly number[], last: number): number {
  let low = 0;
  let high = indexes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((indexes[middle] ?? 0) <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a step may have started (Q2). */
export function mayHaveStarted(shape: SequentialShape, rows: Rows, index: number): boolean {
  return index <= (shape.actionSteps[nextAction(shape, rows)] ?? Number.MAX_SAFE_INTEGER);
}
