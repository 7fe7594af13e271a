import { unreachable } from '../errors.js';
import {
  afterUnclear,
  afterUnclearWhenDecided,
  ongoingWaitMs,
  resolveRetry,
  retryWaitMs,
} from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { finalRow, isRepeat, waitingRow } from '../transaction/answered-row.js';
import { stepIndexOf } from '../transaction/branch-id.js';
import { keptReason } from '../transaction/kept-reason.js';
import type { BranchResult, MachineDefaults, Mutation, Reaction, TransactionEvent } from '../transaction/machine.js';
import { changed, forceStop, madeDue, pause, resume, unchanged, wrongStatus } from '../transaction/operator-events.js';
import { isFinished, rowKey, type BranchRow, type CallKey, type Transaction } from '../transaction/transaction.js';
import { actionProgress, compensationProgress, isStartable } from './concurrent-progress.js';
import { deadlineOf, timedOut } from './saga-deadline.js';
import { sagaShape, type ConcurrentShape, type SequentialShape } from './saga-shape.js';
import { nextAction, nextCompensation } from './sequential-progress.js';

/** What an event changes in a saga. */
export function reactSaga(tx: Transaction, event: TransactionEvent, now: number, defaults: MachineDefaults): Reaction {
  switch (event.kind) {
    case 'branchAnswered':
      return answered(tx, event, event.result, { now, defaults });
    case 'submit':
      return unchanged;
    case 'abort':
      return wrongStatus(tx, 'aborted by a caller: only its own steps roll a saga back');
    case 'forceStop':
      return forceStop(tx, event.reason);
    case 'pause':
      return pause(tx, event.reason);
    case 'resume':
      return resume(tx, resolveRetry(tx.definition.options.retry, defaults.retry), now);
    case 'retryNow':
      return retryNow(tx, now);
    default:
      return unreachable(event);
  }
}

interface Moment {
  readonly now: number;
  readonly defaults: MachineDefaults;
}

function answered(tx: Transaction, key: CallKey, result: BranchResult, moment: Moment): Reaction {
  const row = tx.rows.get(rowKey(key.branchId, key.op));
  if (!isExpected(tx, key)) return unchanged;
  switch (result.kind) {
    case 'success':
      if (isTooLate(tx, key, moment)) return changed(timedOut(tx, moment.defaults));
      return changed({ rows: [finalRow(key, row, result, moment.now)] });
    case 'failure':
      return key.op === 'action' ? refused(key, row, result, moment.now) : unclear(tx, key, result.reason, moment);
    case 'ongoing':
      return ongoing(tx, key, result.reason, moment);
    case 'unknown':
      return unclear(tx, key, result.reason, moment);
    default:
      return unreachable(result);
  }
}

/** Whether the answer is to a call that durable state asks for: all else is late, repeated or made up (S2, Q1). */
function isExpected(tx: Transaction, key: CallKey): boolean {
  const { status } = tx.head;
  if (key.op === 'msg' || status !== (key.op === 'action' ? 'submitted' : 'aborting')) return false;
  const index = stepIndexOf(key.branchId);
  const shape = sagaShape(tx.definition, undefined);
  return shape.kind === 'sequential'
    ? isExpectedInSequence(tx, shape, key.op, index)
    : isExpectedBesideOthers(tx, shape, key.op, index);
}

function isExpectedInSequence(tx: Transaction, shape: SequentialShape, op: 'action' | 'compensate', index: number) {
  if (op === 'action') return shape.actionSteps[nextAction(shape, tx.rows)] === index;
  return shape.compensateSteps[nextCompensation(shape, tx.rows)] === index;
}

function isExpectedBesideOthers(tx: Transaction, shape: ConcurrentShape, op: 'action' | 'compensate', index: number) {
  const operation = op === 'action' ? shape.actions[index] : shape.compensations[index];
  if (operation === undefined || tx.rows.get(operation.key)?.status === 'succeed') return false;
  // Without predecessors a step is startable from the beginning: no need to walk over all of them.
  if (op === 'action' && shape.predecessors[index]?.length === 0) return true;
  const progress = op === 'action' ? actionProgress(shape, tx.rows) : compensationProgress(shape, tx.rows);
  return isStartable(progress, index);
}

/**
 * Whether a success comes after the deadline and is not the last: recorded, it would make the next step look started in the
 * very commit that starts the roll-back (S2).
 */
function isTooLate(tx: Transaction, key: CallKey, { now, defaults }: Moment): boolean {
  if (key.op !== 'action') return false;
  const deadline = deadlineOf(tx, defaults);
  return deadline !== undefined && now >= deadline && countMissing(tx) > 1;
}

/** How many actions have not succeeded. */
function countMissing(tx: Transaction): number {
  const shape = sagaShape(tx.definition, undefined);
  if (shape.kind === 'sequential') return shape.actions.length - nextAction(shape, tx.rows);
  return shape.actions.filter((action) => action !== undefined && tx.rows.get(action.key)?.status !== 'succeed').length;
}

function refused(key: CallKey, row: BranchRow | undefined, result: BranchResult & { kind: 'failure' }, now: number) {
  const reason = keptReason(`branch ${key.branchId} refused: ${result.reason}`);
  return changed({ status: 'aborting', state: { reason }, rows: [finalRow(key, row, result, now)] });
}

function ongoing(tx: Transaction, key: CallKey, reason: string, { now, defaults }: Moment): Reaction {
  const row = tx.rows.get(rowKey(key.branchId, key.op));
  if (isRepeat(row, now)) return unchanged;
  const policy = resolveRetry(tx.definition.options.retry, defaults.retry);
  const waiting = { attempts: row?.attempts ?? 0, nextAttemptAt: now + ongoingWaitMs(policy), reason };
  return changed({ rows: [waitingRow(key, row, waiting, now)] });
}

function unclear(tx: Transaction, key: CallKey, reason: string, { now, defaults }: Moment): Reaction {
  const row = tx.rows.get(rowKey(key.branchId, key.op));
  if (isRepeat(row, now)) return unchanged;
  const policy = resolveRetry(tx.definition.options.retry, defaults.retry);
  const attempts = (row?.attempts ?? 0) + 1;
  const wait = retryWaitMs(policy, attempts, `${tx.gid} ${key.branchId} ${key.op}`);
  const rows = [waitingRow(key, row, { attempts, nextAttemptAt: now + wait, reason }, now)];
  const next = key.op === 'action' ? afterUnclear(policy, attempts) : afterUnclearWhenDecided(policy, attempts);
  return changed({ ...givenUp(next, key, policy, reason), rows });
}

function givenUp(next: ReturnType<typeof afterUnclear>, key: CallKey, policy: RetryPolicy, last: string): Mutation {
  if (next === 'again') return {};
  const calls = String((policy.limit ?? 0) + 1);
  const reason = keptReason(`branch ${key.branchId} ${key.op}: no clear answer in ${calls} calls; the last: ${last}`);
  switch (next) {
    case 'rollback':
      return { status: 'aborting', state: { reason } };
    case 'pause':
      return { isPaused: true, state: { pauseReason: reason } };
    case 'fail':
      return { status: 'failed', state: { reason: keptReason(`${reason} (nothing was compensated)`) } };
    default:
      return unreachable(next);
  }
}

function retryNow(tx: Transaction, now: number): Reaction {
  if (isFinished(tx.head.status)) return unchanged;
  const rows = madeDue(tx, now);
  return rows.length === 0 ? unchanged : changed({ rows });
}
