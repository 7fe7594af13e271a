import type { BranchResult } from './machine.js';
import { keptReason } from './kept-reason.js';
import type { BranchRow, CallKey } from './transaction.js';

/** The row after an answer that is final for the operation. */
export function finalRow(key: CallKey, previous: BranchRow | undefined, result: BranchResult, now: number): BranchRow {
  return {
    branchId: key.branchId,
    op: key.op,
    status: result.kind === 'success' ? 'succeed' : 'failed',
    attempts: previous?.attempts ?? 0,
    nextAttemptAt: 0,
    reason: result.kind === 'success' ? (previous?.reason ?? '') : keptReason(result.reason),
    createdAt: previous?.createdAt ?? now,
    updatedAt: now,
  };
}

/** What a row that waits for its next call holds beside its key and times. */
export interface Waiting {
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly reason: string;
}

/** The row of an operation that is called again later. */
export function waitingRow(key: CallKey, previous: BranchRow | undefined, waiting: Waiting, now: number): BranchRow {
  return {
    branchId: key.branchId,
    op: key.op,
    status: 'prepared',
    attempts: waiting.attempts,
    nextAttemptAt: waiting.nextAttemptAt,
    reason: keptReason(waiting.reason),
    createdAt: previous?.createdAt ?? now,
    updatedAt: now,
  };
}

/** An unclear answer counts only for a call that was due; one that comes again, or late, counts once. */
export function isRepeat(row: BranchRow | undefined, now: number): boolean {
  return row !== undefined && row.nextAttemptAt > now;
}
