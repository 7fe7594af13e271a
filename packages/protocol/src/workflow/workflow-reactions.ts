import { unreachable } from '../errors.js';
import { isUsedUp, ongoingWaitMs, resolveRetry } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { ongoingRow, unclearRow, type Answer } from '../transaction/answered-row.js';
import { keptReason } from '../transaction/kept-reason.js';
import { limits } from '../transaction/limits.js';
import type {
  BranchResult,
  MachineDefaults,
  Reaction,
  Registration,
  TransactionEvent,
  Verdict,
} from '../transaction/machine.js';
import { changed, forceStop, pause, resume, retryNow, unchanged, wrongStatus } from '../transaction/operator-events.js';
import { isSameRegistration, registeredRow, wrongType } from '../transaction/register-branch.js';
import { tooLarge } from '../transaction/registered-bytes.js';
import { rowKey, type BranchRow, type CallKey, type Transaction } from '../transaction/transaction.js';
import { mayWorkUntil, resumeKey, resumeRowKey } from './workflow-shape.js';

/** What an event changes in a workflow. */
export function reactWorkflow(
  tx: Transaction,
  event: TransactionEvent,
  now: number,
  defaults: MachineDefaults,
): Reaction {
  const policy = resolveRetry(tx.definition.options.retry, defaults.retry);
  switch (event.kind) {
    case 'branchAnswered':
      if (!isResumed(tx, event, policy, now)) return unchanged;
      return resumed(tx, event.result, policy, now);
    case 'registerBranch':
      return record(tx, event.registration, policy, now);
    case 'submit':
      return submit(tx, event.verdict, now);
    case 'abort':
      return wrongStatus(tx, 'aborted by a caller: only its own code ends a workflow');
    case 'forceStop':
      return forceStop(tx, event.reason);
    case 'pause':
      return pause(tx, event.reason);
    case 'resume':
      return resume(tx, policy, now);
    case 'retryNow':
      return backsOff(tx) ? retryNow(tx, now) : unchanged;
    default:
      return unreachable(event);
  }
}

/** Whether durable state asks for a resume, or did: an answer to any other call is late or made up. */
function isResumed(tx: Transaction, { branchId, op }: CallKey, policy: RetryPolicy, now: number): boolean {
  if (tx.head.status !== 'prepared' || rowKey(branchId, op) !== resumeRowKey) return false;
  return now >= mayWorkUntil(tx, policy);
}

/** A resume that waits because a step was recorded keeps its time: the code is at work (W2). */
function backsOff(tx: Transaction): boolean {
  return (tx.rows.get(resumeRowKey)?.attempts ?? 0) > 0;
}

/**
 * The service has answered without a submit. Ongoing: it says that it works, which counts as progress does (W2). Everything
 * else is unclear, a success too, or a code that returns without submitting would spin; and so is a refusal, since its own
 * submit decides (W1).
 */
function resumed(tx: Transaction, result: BranchResult, policy: RetryPolicy, now: number): Reaction {
  if (result.kind === 'ongoing') {
    const row = ongoingRow({ tx, key: resumeKey, result, now }, policy);
    return row === undefined ? unchanged : changed({ rows: [{ ...row, attempts: 0 }] });
  }
  const said = result.kind === 'unknown' ? result.reason : `it answered ${result.kind}, and has not submitted`;
  const answer: Answer = { tx, key: resumeKey, result: { kind: 'unknown', reason: said }, now };
  const row = unclearRow(answer, policy);
  if (row === undefined) return unchanged;
  if (!isUsedUp(policy, row.attempts)) return changed({ rows: [row] });
  const pauseReason = keptReason(`it was resumed ${String(row.attempts)} times without an end; the last: ${said}`);
  return changed({ isPaused: true, state: { pauseReason }, rows: [row] });
}

function record(tx: Transaction, registration: Registration, policy: RetryPolicy, now: number): Reaction {
  const mismatch = wrongType(tx, registration);
  if (mismatch !== undefined) return mismatch;
  if (tx.head.status !== 'prepared') return alreadyEnded(tx);
  const before = tx.rows.get(rowKey(registration.branchId, registration.op));
  // Not a refusal that an SDK would roll back for: another execution of the same code is ahead, and its record counts (W3).
  if (before !== undefined)
    return isSameRegistration(before, registration) ? unchanged : recordedOtherwise(registration);
  const hasResume = tx.rows.has(resumeRowKey);
  const steps = tx.rows.size - (hasResume ? 1 : 0);
  if (steps >= limits.branchesMax) return tooMany;
  const excess = tooLarge(tx, registration, hasResume ? 1 : 2);
  if (excess !== undefined) return excess;
  return changed({ rows: [registeredRow(registration, steps, now), postponedResume(tx, policy, now)] });
}

/** Progress counts as an answer: the next resume is an interval away, and its back-off starts afresh (W2). */
function postponedResume(tx: Transaction, policy: RetryPolicy, now: number): BranchRow {
  const before = tx.rows.get(resumeRowKey);
  return {
    ...resumeKey,
    status: 'prepared',
    attempts: 0,
    nextAttemptAt: now + ongoingWaitMs(policy),
    reason: '',
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
  };
}

/** DTM's Go SDK rolls back what an ABORTED registration belongs to, and this workflow may have succeeded. */
function alreadyEnded(tx: Transaction): Reaction {
  return { kind: 'refused', code: 'ALREADY_FINISHED', message: `the workflow has ended: it is ${tx.head.status}` };
}

function recordedOtherwise({ branchId, op }: Registration): Reaction {
  const message = `step ${branchId} ${op} is recorded with another result: another execution has done it`;
  return { kind: 'refused', code: 'STEP_ALREADY_RECORDED', message };
}

const tooMany: Reaction = {
  kind: 'refused',
  code: 'LIMIT_EXCEEDED',
  message: `a workflow records at most ${String(limits.branchesMax)} steps`,
};

function submit(tx: Transaction, verdict: Verdict | undefined, now: number): Reaction {
  if (verdict === undefined) {
    return {
      kind: 'refused',
      code: 'INVALID_REQUEST',
      message: 'the submit of a workflow says how it ended: req_extra.status',
    };
  }
  const { status } = tx.head;
  if (status === verdict.status) return unchanged;
  if (status !== 'prepared') return wrongStatus(tx, `ended as ${verdict.status}`);
  return changed({ status: verdict.status, state: endState(verdict, now), rows: [endRow(tx, verdict, now)] });
}

function endState({ status, reason }: Verdict, now: number): { reason: string; submittedAt: number } {
  return { reason: status === 'failed' ? keptReason(reason) : '', submittedAt: now };
}

/** The result is kept beside the steps: it can be large, and the head must stay small. */
function endRow(tx: Transaction, { result, status }: Verdict, now: number): BranchRow {
  const before = tx.rows.get(resumeRowKey);
  return {
    ...resumeKey,
    status,
    attempts: before?.attempts ?? 0,
    nextAttemptAt: 0,
    reason: before?.reason ?? '',
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    registered: { urls: {}, payload: result, ordinal: 0 },
  };
}
