import { unreachable } from '../errors.js';
import { isUsedUp, resolveRetry } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { finalRow, ongoingRow, unclearRow, type Answer } from '../transaction/answered-row.js';
import { keptReason } from '../transaction/kept-reason.js';
import { limits } from '../transaction/limits.js';
import type { MachineDefaults, Reaction, Registration, TransactionEvent } from '../transaction/machine.js';
import { changed, forceStop, pause, resume, retryNow, unchanged, wrongStatus } from '../transaction/operator-events.js';
import { isSameRegistration, registeredRow, wrongPayload, wrongType } from '../transaction/register-branch.js';
import { tooLarge } from '../transaction/registered-bytes.js';
import { deadlineOf } from '../transaction/time-limit.js';
import { rowKey, type BranchRow, type CallKey, type Transaction } from '../transaction/transaction.js';
import { isDone, isReached, secondPhase } from './second-phase.js';
import type { TwoPhaseKind } from './two-phase-kind.js';

/** What an event changes in a TCC or XA. */
export function reactTwoPhase(
  kind: TwoPhaseKind,
  tx: Transaction,
  event: TransactionEvent,
  now: number,
  defaults: MachineDefaults,
): Reaction {
  const policy = resolveRetry(tx.definition.options.retry, defaults.retry);
  switch (event.kind) {
    case 'branchAnswered':
      return isCalled(kind, tx, event) ? answered({ tx, key: event, result: event.result, now }, policy) : unchanged;
    case 'registerBranch':
      return register(kind, tx, event.registration, now, defaults);
    case 'submit':
      return submit(tx, now);
    case 'abort':
      return abort(tx, event.reason);
    case 'forceStop':
      return forceStop(tx, kind.type === 'xa' ? withPrepared(kind, tx, event.reason) : event.reason);
    case 'pause':
      return pause(tx, event.reason);
    case 'resume':
      return resume(tx, policy, now);
    case 'retryNow':
      return retryNow(tx, now);
    default:
      return unreachable(event);
  }
}

/** Whether durable state asks for this call, now or later: an answer to any other is late, repeated or made up. */
function isCalled(kind: TwoPhaseKind, tx: Transaction, { branchId, op }: CallKey): boolean {
  const phase = secondPhase(kind, tx, undefined);
  if (phase?.op !== op) return false;
  const call = phase.byKey.get(rowKey(branchId, op));
  return call !== undefined && !isDone(tx.rows, call.key) && isReached(tx.rows, call);
}

function register(
  kind: TwoPhaseKind,
  tx: Transaction,
  registration: Registration,
  now: number,
  defaults: MachineDefaults,
): Reaction {
  const mismatch = wrongType(tx, registration) ?? wrongPayload(tx, registration);
  if (mismatch !== undefined) return mismatch;
  // A repeat is refused too: whoever hears that a branch is registered goes on to call it.
  const deadline = deadlineOf(tx, defaults);
  if (tx.head.status !== 'prepared' || (deadline !== undefined && now >= deadline)) return tooLate(tx);
  const before = tx.rows.get(rowKey(registration.branchId, kind.registeredOp));
  if (before !== undefined) return isSameRegistration(before, registration) ? unchanged : conflicting(registration);
  if (tx.rows.size >= limits.branchesMax) return tooMany;
  const excess = tooLarge(tx, registration, 1);
  if (excess !== undefined) return excess;
  // Nothing but registrations is in the rows before the decision, so that their number is the next place in the order.
  return changed({ rows: [registeredRow({ ...registration, op: kind.registeredOp }, tx.rows.size, now)] });
}

function tooLate(tx: Transaction): Reaction {
  const why = tx.head.status === 'prepared' ? 'its time limit is over' : `it is ${tx.head.status}`;
  return { kind: 'refused', code: 'WRONG_STATUS', message: `no branch can be registered any more: ${why}` };
}

function conflicting({ branchId }: Registration): Reaction {
  return {
    kind: 'refused',
    code: 'CONFLICTING_REPEAT',
    message: `branch ${branchId} is registered with other content`,
  };
}

const tooMany: Reaction = {
  kind: 'refused',
  code: 'LIMIT_EXCEEDED',
  message: `a transaction has at most ${String(limits.branchesMax)} branches`,
};

/** One decision: only what is prepared goes to either side, and nothing leads from one side to the other. */
function submit(tx: Transaction, now: number): Reaction {
  switch (tx.head.status) {
    case 'prepared':
      return changed({ status: 'submitted', state: { submittedAt: now } });
    case 'submitted':
    case 'succeed':
      return unchanged;
    case 'aborting':
    case 'failed':
      return wrongStatus(tx, 'submitted');
    default:
      return unreachable(tx.head.status);
  }
}

function abort(tx: Transaction, reason: string): Reaction {
  switch (tx.head.status) {
    case 'prepared':
      return changed({ status: 'aborting', state: { reason: keptReason(reason === '' ? 'aborted' : reason) } });
    case 'aborting':
    case 'failed':
      return unchanged;
    case 'submitted':
    case 'succeed':
      return wrongStatus(tx, 'aborted');
    default:
      return unreachable(tx.head.status);
  }
}

function answered(answer: Answer, policy: RetryPolicy): Reaction {
  const { result } = answer;
  switch (result.kind) {
    case 'success':
      return changed({ rows: [finalRow(answer)] });
    case 'ongoing': {
      const row = ongoingRow(answer, policy);
      return row === undefined ? unchanged : changed({ rows: [row] });
    }
    case 'failure':
    case 'unknown':
      return unclear(answer, result.reason, policy);
    default:
      return unreachable(result);
  }
}

/** Decided, it can only go on or pause: a refusal of the second phase breaks the protocol and is called again. */
function unclear(answer: Answer, said: string, policy: RetryPolicy): Reaction {
  const row = unclearRow(answer, policy);
  if (row === undefined) return unchanged;
  if (!isUsedUp(policy, row.attempts)) return changed({ rows: [row] });
  return changed({ isPaused: true, state: { pauseReason: whyGivenUp(row, said) }, rows: [row] });
}

function whyGivenUp({ branchId, op, attempts }: BranchRow, said: string): string {
  return keptReason(`branch ${branchId} ${op}: no clear answer in ${String(attempts)} calls; the last: ${said}`);
}

const branchesNamedMax = 50;

/** Databases keep what was prepared in them, with its locks, until somebody ends it there: say where. */
function withPrepared(kind: TwoPhaseKind, tx: Transaction, reason: string): string {
  const op = tx.head.status === 'submitted' ? kind.forwardOp : kind.backOp;
  const left = [...tx.rows.values()]
    .filter((row) => row.op === kind.registeredOp && !isDone(tx.rows, rowKey(row.branchId, op)))
    .map((row) => row.branchId);
  if (left.length === 0) return reason;
  const named = left.slice(0, branchesNamedMax).join(', ') + (left.length > branchesNamedMax ? ', ...' : '');
  const note = `may still be prepared in their databases: branches ${named}`;
  return reason === '' ? note : `${reason} (${note})`;
}
