import { InvariantError, unreachable } from '../errors.js';
import { DueCalls } from '../transaction/due-calls.js';
import type { MachineDefaults, Plan } from '../transaction/machine.js';
import type { Transaction } from '../transaction/transaction.js';
import { isDelivered, nextAwaited } from './message-progress.js';
import { messageShape, type Delivery, type MessageShape } from './message-shape.js';

const finished: Plan = { kind: 'finished' };
const paused: Plan = { kind: 'paused' };
const succeed: Plan = { kind: 'mutate', mutation: { status: 'succeed' } };

/** What a message's durable state asks for next. */
export function planMessage(tx: Transaction, now: number, defaults: MachineDefaults): Plan {
  const status = tx.head.status;
  if (status === 'succeed' || status === 'failed') return finished;
  if (tx.head.isPaused) return paused;
  const shape = messageShape(tx.definition, defaults.requestTimeoutMs);
  switch (status) {
    case 'prepared':
      return planBackCheck(tx, shape, now, defaults);
    case 'submitted':
      return planDeliveries(tx, shape, now);
    case 'aborting':
      throw new InvariantError('a message never rolls back');
    default:
      return unreachable(status);
  }
}

function planBackCheck(tx: Transaction, shape: MessageShape, now: number, defaults: MachineDefaults): Plan {
  const firstAt = tx.head.createdAt + (tx.definition.options.timeoutToFailMs ?? defaults.timeoutToFailMs);
  const { key } = shape.backCheck;
  if (!tx.rows.has(key) && firstAt > now) return { kind: 'wait', wakeAt: firstAt, waitsFor: undefined };
  const due = new DueCalls(tx.rows, now);
  due.add(shape.backCheck);
  return due.plan();
}

function planDeliveries(tx: Transaction, shape: MessageShape, now: number): Plan {
  const { submittedAt, delayMs } = tx.head.state;
  const firstAt = submittedAt + delayMs;
  if (delayMs > 0 && now < firstAt) return { kind: 'wait', wakeAt: firstAt, waitsFor: undefined };
  const due = new DueCalls(tx.rows, now);
  const left = addAwaited(tx, shape, due) + addUndelivered(tx, shape.async, due);
  return left === 0 ? succeed : due.plan();
}

/** Adds what may be delivered now of what followers wait for; answers how much it added. */
function addAwaited(tx: Transaction, shape: MessageShape, due: DueCalls): number {
  if (tx.definition.isConcurrent) return addUndelivered(tx, shape.awaited, due);
  const next = shape.awaited[nextAwaited(shape, tx.rows)];
  if (next === undefined) return 0;
  due.add(next);
  return 1;
}

function addUndelivered(tx: Transaction, deliveries: readonly Delivery[], due: DueCalls): number {
  let added = 0;
  for (const delivery of deliveries) {
    if (isDelivered(tx.rows, delivery)) continue;
    due.add(delivery);
    added += 1;
  }
  return added;
}
