import { rowKey, type BranchRow, type CallKey, type Transaction } from '../transaction/transaction.js';
import { backCheckKey, messageShape, type Delivery, type MessageShape } from './message-shape.js';

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

/** Whether durable state asks for this call: an answer to any other is late, repeated or made up. */
export function isCalled(tx: Transaction, { branchId, op }: CallKey): boolean {
  if (op === 'msg') return branchId === backCheckKey.branchId && tx.head.status === 'prepared';
  if (op !== 'action' || tx.head.status !== 'submitted') return false;
  const key = rowKey(branchId, op);
  if (tx.rows.get(key)?.status === 'succeed') return false;
  const shape = messageShape(tx.definition, undefined);
  const isOneOf = (deliveries: readonly Delivery[]) => deliveries.some((delivery) => delivery.key === key);
  if (tx.definition.isConcurrent) return isOneOf(shape.awaited) || isOneOf(shape.async);
  return shape.awaited[nextAwaited(shape, tx.rows)]?.key === key || isOneOf(shape.async);
}
