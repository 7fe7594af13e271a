import type { BranchRow, Transaction } from '../transaction/transaction.js';
import type { Delivery, MessageShape } from './message-shape.js';

type Rows = ReadonlyMap<string, BranchRow>;

/** Whether this delivery has durably succeeded. */
export function isDelivered(rows: Rows, delivery: Delivery | undefined): boolean {
  return delivery !== undefined && rows.get(delivery.key)?.status === 'succeed';
}

/**
 * Position in `awaited` of the first that is not delivered; their number when all are. For messages whose deliveries
 * follow one another: `react` takes successes in order only, so a binary search finds the place.
 */
export function nextAwaited(shape: MessageShape, rows: Rows): number {
  let low = 0;
  let high = shape.awaited.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isDelivered(rows, shape.awaited[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether everything that a waiting caller waits for is delivered. */
export function isAwaitedDelivered(tx: Transaction, shape: MessageShape): boolean {
  if (!tx.definition.isConcurrent) return nextAwaited(shape, tx.rows) === shape.awaited.length;
  return shape.awaited.every((delivery) => isDelivered(tx.rows, delivery));
}
