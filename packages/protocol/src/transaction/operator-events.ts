import { isUsedUp } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { keptReason } from './kept-reason.js';
import type { Mutation, Reaction } from './machine.js';
import { isFinished, type BranchRow, type Transaction } from './transaction.js';

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
  const rows: BranchRow[] = [];
  for (const row of tx.rows.values()) {
    if (row.status !== 'prepared' || !isUsedUp(policy, row.attempts)) continue;
    rows.push({ ...row, attempts: 0, nextAttemptAt: now, updatedAt: now });
  }
  return changed({ isPaused: false, state: { pauseReason: '' }, rows });
}

/** The waiting rows of some operations, made due now. */
export function madeDue(tx: Transaction, isWanted: (row: BranchRow) => boolean, now: number): BranchRow[] {
  const rows: BranchRow[] = [];
  for (const row of tx.rows.values()) {
    if (row.status !== 'prepared' || row.nextAttemptAt <= now || !isWanted(row)) continue;
    rows.push({ ...row, nextAttemptAt: now, updatedAt: now });
  }
  return rows;
}
