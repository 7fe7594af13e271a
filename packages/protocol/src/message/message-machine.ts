/**
 * The two-phase message: prepared beside a local transaction, submitted when that commits, delivered until it arrives.
 *
 * B1. Prepared means undecided: only submit, abort or the answer of the back-check decides, once.
 * B2. After submit it never rolls back: a delivery that is refused is called again like one without a clear answer.
 * B3. An async delivery holds nobody back, and a waiting caller does not wait for it; the message ends with the last one.
 * B4. A delay counts from the moment at which submit was accepted.
 */
import { TandemError, unreachable } from '../errors.js';
import type { Definition } from '../transaction/definition.js';
import type { BranchView, Machine, OpenIntent, Outcome } from '../transaction/machine.js';
import { openedHead } from '../transaction/opened-head.js';
import type { Head, Transaction } from '../transaction/transaction.js';
import { planMessage } from './message-plan.js';
import { isAwaitedDelivered } from './message-progress.js';
import { reactMessage } from './message-reactions.js';
import { checkDeliveries, messageShape } from './message-shape.js';

export const messageMachine: Machine = {
  open: openMessage,
  react: reactMessage,
  plan: planMessage,
  outcome: messageOutcome,
  branches: messageBranches,
};

function openMessage(definition: Definition, intent: OpenIntent, delayMs: number, now: number): Head {
  checkDeliveries(definition);
  if (intent === 'submit') return openedHead('submitted', now, delayMs);
  // DTM takes an empty URL for a success, and so submits messages whose local transaction never committed.
  if (definition.queryPrepared === '') {
    throw new TandemError(
      'INVALID_REQUEST',
      'query_prepared must be set: a prepared message is decided by its back-check',
    );
  }
  return openedHead('prepared', now, delayMs);
}

function messageOutcome(tx: Transaction): Outcome {
  switch (tx.head.status) {
    case 'succeed':
      return { kind: 'success' };
    case 'failed':
      return { kind: 'failure', reason: tx.head.state.reason };
    case 'submitted':
      return isAwaitedDelivered(tx, messageShape(tx.definition, undefined)) ? { kind: 'success' } : { kind: 'open' };
    case 'prepared':
    case 'aborting':
      return { kind: 'open' };
    default:
      return unreachable(tx.head.status);
  }
}

function messageBranches(tx: Transaction): readonly BranchView[] {
  return messageShape(tx.definition, undefined).deliveries.map(({ key, call }) => {
    const row = tx.rows.get(key);
    const withoutUrl = tx.head.status === 'succeed' ? 'succeed' : 'prepared';
    const status = row?.status ?? (call.url === '' ? withoutUrl : 'prepared');
    return { branchId: call.branchId, op: call.op, url: call.url, payload: call.payload, status, row };
  });
}
