import { stepIndexOf } from '../transaction/branch-id.js';
import type { CallKey, Transaction } from '../transaction/transaction.js';
import { actionProgress, compensationProgress, isStartable } from './concurrent-progress.js';
import { sagaShape, type ConcurrentShape } from './saga-shape.js';
import { nextAction, nextCompensation } from './sequential-progress.js';

/** Whether durable state asks for this call: an answer to any other is late, repeated or made up (S2, Q1). */
export function isCalled(tx: Transaction, { branchId, op }: CallKey): boolean {
  if (op !== 'action' && op !== 'compensate') return false;
  if (tx.head.status !== (op === 'action' ? 'submitted' : 'aborting')) return false;
  const index = stepIndexOf(branchId);
  const shape = sagaShape(tx.definition, undefined);
  if (shape.kind === 'concurrent') return isCalledBesideOthers(tx, shape, op, index);
  if (op === 'action') return shape.actionSteps[nextAction(shape, tx.rows)] === index;
  return shape.compensateSteps[nextCompensation(shape, tx.rows)] === index;
}

function isCalledBesideOthers(tx: Transaction, shape: ConcurrentShape, op: 'action' | 'compensate', index: number) {
  const operation = op === 'action' ? shape.actions[index] : shape.compensations[index];
  if (operation === undefined || tx.rows.get(operation.key)?.status === 'succeed') return false;
  // Without predecessors a step is startable from the beginning: no need to walk over all of them.
  if (op === 'action' && shape.predecessors[index]?.length === 0) return true;
  const progress = op === 'action' ? actionProgress(shape, tx.rows) : compensationProgress(shape, tx.rows);
  return isStartable(progress, index);
}

/** How many actions have not succeeded. */
export function countMissing(tx: Transaction): number {
  const shape = sagaShape(tx.definition, undefined);
  if (shape.kind === 'sequential') return shape.actions.length - nextAction(shape, tx.rows);
  return shape.actions.filter((action) => action !== undefined && tx.rows.get(action.key)?.status !== 'succeed').length;
}
