import { ongoingWaitMs, retryWaitMs } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { keptReason } from './kept-reason.js';
import type { BranchResult } from './machine.js';
import { rowKey, type BranchRow, type BranchStatus, type CallKey, type Transaction } from './transaction.js';

/** One answer of a participant, and when it came. */
export interface Answer {
  readonly tx: Transaction;
  readonly key: CallKey;
  readonly result: BranchResult;
  readonly now: number;
}

/** The row after an answer that is final for its operation. */
export function finalRow(answer: Answer): BranchRow {
  const { key, result, now } = answer;
  const before = rowBefore(answer.tx, key);
  const status = result.kind === 'success' ? 'succeed' : 'failed';
  const reason = result.kind === 'success' ? (before?.reason ?? '') : keptReason(result.reason);
  return rowOf(key, before, { status, attempts: before?.attempts ?? 0, nextAttemptAt: 0, reason, updatedAt: now });
}

/** The row after "ongoing": called again after the initial interval, not counted. Undefined for a repeat. */
export function ongoingRow(answer: Answer, policy: RetryPolicy): BranchRow | undefined {
  const { tx, key, now } = answer;
  const before = rowBefore(tx, key);
  if (isRepeat(before, now)) return undefined;
  return waitingRow(answer, before?.attempts ?? 0, now + ongoingWaitMs(policy));
}

/** The row after an unclear answer: counted, called again after the back-off. Undefined for a repeat. */
export function unclearRow(answer: Answer, policy: RetryPolicy): BranchRow | undefined {
  const { tx, key, now } = answer;
  const before = rowBefore(tx, key);
  if (isRepeat(before, now)) return undefined;
  const attempts = (before?.attempts ?? 0) + 1;
  const wait = retryWaitMs(policy, attempts, `${tx.gid} ${key.branchId} ${key.op}`);
  return waitingRow(answer, attempts, now + wait);
}

/** Such an answer counts only for a call that was due; one that comes again, or late, counts once. */
function isRepeat(before: BranchRow | undefined, now: number): boolean {
  return before !== undefined && before.nextAttemptAt > now;
}

function waitingRow({ tx, key, result, now }: Answer, attempts: number, nextAttemptAt: number): BranchRow {
  const reason = result.kind === 'success' ? '' : keptReason(result.reason);
  return rowOf(key, rowBefore(tx, key), { status: 'prepared', attempts, nextAttemptAt, reason, updatedAt: now });
}

interface RowContent {
  readonly status: BranchStatus;
  readonly attempts: number;
  readonly nextAttemptAt: number;
  readonly reason: string;
  readonly updatedAt: number;
}

function rowOf(key: CallKey, before: BranchRow | undefined, content: RowContent): BranchRow {
  return {
    branchId: key.branchId,
    op: key.op,
    status: content.status,
    attempts: content.attempts,
    nextAttemptAt: content.nextAttemptAt,
    reason: content.reason,
    createdAt: before?.createdAt ?? content.updatedAt,
    updatedAt: content.updatedAt,
  };
}

function rowBefore(tx: Transaction, key: CallKey): BranchRow | undefined {
  return tx.rows.get(rowKey(key.branchId, key.op));
}
