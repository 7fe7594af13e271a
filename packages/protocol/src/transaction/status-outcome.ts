import { unreachable } from '../errors.js';
import type { Outcome } from './machine.js';
import type { Transaction } from './transaction.js';

/** The outcome that the status alone says: open until it is final. */
export function statusOutcome(tx: Transaction): Outcome {
  switch (tx.head.status) {
    case 'succeed':
      return { kind: 'success' };
    case 'failed':
      return { kind: 'failure', reason: tx.head.state.reason };
    case 'prepared':
    case 'submitted':
    case 'aborting':
      return { kind: 'open' };
    default:
      return unreachable(tx.head.status);
  }
}
