import { isUsedUp } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import type { TransactionType } from './definition.js';
import { keptReason } from './kept-reason.js';
import type { Mutation, Reaction } from './machine.js';
import { isFinished, type BranchOp, type BranchRow, type GlobalStatus, type Transaction } from './transaction.js';

/** Nothing changes: a repeat, or too late. */
export const unchanged: Reaction = { kind: 'unchanged' };

export function changed(mutation: Mutation): Reaction {
  return { kind: 'changed', mutation };
}

export function wrongStatus(tx: Transaction, verb: string): Reaction {
  return {
    kind: 'refused',
    code: 'WRONG_STATUS',
    message: `the transaction is ${tx.head.status}, it cannot be ${verb}`,
  };
}

/** Ends a transaction where it stands; nothing is compensated or delivered. */
export function forceStop(tx: Transaction, asked: string): Reaction {
  if (isFinished(tx.head.status)) return wrongStatus(tx, 'stopped');
  const before = tx.head.state.reason;
  const both = asked !== '' && before !== '' ? `${asked} (it was ${tx.head.status}: ${before})` : asked || before;
  return changed({ status: 'failed', state: { isForced: true, reason: keptReason(both), pauseReason: '' } });
}

export function pause(tx: Transaction, reason: string): Reaction {
  if (isFinished(tx.head.status)) return wrongStatus(tx, 'paused');
  if (tx.head.isPaused) return unchanged;
  return changed({ isPaused: true, state: { pauseReason: keptReason(reason) } });
}

/** Goes on; what had used up its retry limit gets a fresh one, or it would pause again at once. */
export function resume(tx: Transaction, policy: RetryPolicy, now: number): Reaction {
  if (isFinished(tx.head.status)) return wrongStatus(tx, 'resumed');
  if (!tx.head.isPaused) return unchanged;
  const rows = waitingRows(tx)
    .filter((row) => isUsedUp(policy, row.attempts))
    .map((row) => ({ ...row, attempts: 0, nextAttemptAt: now, updatedAt: now }));
  return changed({ isPaused: false, state: { pauseReason: '' }, rows });
}

/**
 * What backs off is due now. A message's delay and the time before its first back-check are no back-offs: it is not sent
 * before its time, and a check that comes too early would make a local transaction fail that is still open.
 */
export function retryNow(tx: Transaction, now: number): Reaction {
  const rows = waitingRows(tx)
    .filter((row) => row.nextAttemptAt > now)
    .map((row) => ({ ...row, nextAttemptAt: now, updatedAt: now }));
  return rows.length === 0 ? unchanged : changed({ rows });
}

/** What each unfinished status calls. */
const calledOps: Readonly<Record<TransactionType, Readonly<Partial<Record<GlobalStatus, BranchOp>>>>> = {
  saga: { submitted: 'action', aborting: 'compensate' },
  msg: { prepared: 'msg', submitted: 'action' },
  tcc: { submitted: 'confirm', aborting: 'cancel' },
  xa: { submitted: 'commit', aborting: 'rollback' },
  workflow: { prepared: 'resume' },
};

/** Rows that wait for a call which the status still makes. */
function waitingRows(tx: Transaction): readonly BranchRow[] {
  const op = calledOps[tx.definition.type][tx.head.status];
  return [...tx.rows.values()].filter((row) => row.status === 'prepared' && row.op === op);
}
