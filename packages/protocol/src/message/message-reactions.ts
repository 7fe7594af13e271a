import { unreachable } from '../errors.js';
import { isUsedUp, ongoingWaitMs, resolveRetry, retryWaitMs } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { finalRow, isRepeat, waitingRow } from '../transaction/answered-row.js';
import { keptReason } from '../transaction/kept-reason.js';
import type { BranchResult, MachineDefaults, Mutation, Reaction, TransactionEvent } from '../transaction/machine.js';
import { changed, forceStop, madeDue, pause, resume, unchanged, wrongStatus } from '../transaction/operator-events.js';
import { isFinished, rowKey, type BranchRow, type CallKey, type Transaction } from '../transaction/transaction.js';
import { nextAwaited } from './message-progress.js';
import { backCheckKey, messageShape } from './message-shape.js';

/** What an event changes in a message. */
export function reactMessage(
  tx: Transaction,
  event: TransactionEvent,
  now: number,
  defaults: MachineDefaults,
): Reaction {
  switch (event.kind) {
    case 'branchAnswered':
      return answered(tx, event, event.result, { now, defaults });
    case 'submit':
      return submit(tx, event.delayMs, now);
    case 'abort':
      return abort(tx, event.reason);
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

function submit(tx: Transaction, delayMs: number, now: number): Reaction {
  switch (tx.head.status) {
    case 'prepared':
      return changed(submitted(tx, delayMs, now));
    case 'submitted':
    case 'succeed':
      return unchanged;
    case 'failed':
    case 'aborting':
      return wrongStatus(tx, 'submitted');
    default:
      return unreachable(tx.head.status);
  }
}

/** A delay that submit leaves out is the one that prepare named. */
function submitted(tx: Transaction, delayMs: number, now: number): Mutation {
  return { status: 'submitted', state: { submittedAt: now, delayMs: delayMs > 0 ? delayMs : tx.head.state.delayMs } };
}

function abort(tx: Transaction, reason: string): Reaction {
  switch (tx.head.status) {
    case 'prepared':
      return changed({ status: 'failed', state: { reason: keptReason(reason === '' ? 'aborted' : reason) } });
    case 'failed':
      return unchanged;
    case 'submitted':
    case 'succeed':
    case 'aborting':
      return wrongStatus(tx, 'aborted');
    default:
      return unreachable(tx.head.status);
  }
}

interface Moment {
  readonly now: number;
  readonly defaults: MachineDefaults;
}

function answered(tx: Transaction, key: CallKey, result: BranchResult, moment: Moment): Reaction {
  if (!isExpected(tx, key)) return unchanged;
  const row = tx.rows.get(rowKey(key.branchId, key.op));
  switch (result.kind) {
    case 'success':
      return succeeded(tx, key, row, moment.now);
    case 'failure':
      return key.op === 'msg' ? refused(key, row, result, moment.now) : unclear(tx, key, result.reason, moment);
    case 'ongoing':
      return ongoing(tx, key, result.reason, moment);
    case 'unknown':
      return unclear(tx, key, result.reason, moment);
    default:
      return unreachable(result);
  }
}

/** Whether the answer is to a call that durable state asks for: all else is late, repeated or made up. */
function isExpected(tx: Transaction, key: CallKey): boolean {
  if (key.op === 'msg') return key.branchId === backCheckKey.branchId && tx.head.status === 'prepared';
  if (key.op !== 'action' || tx.head.status !== 'submitted') return false;
  const rowOfKey = rowKey(key.branchId, key.op);
  if (tx.rows.get(rowOfKey)?.status === 'succeed') return false;
  const shape = messageShape(tx.definition, undefined);
  if (!tx.definition.isConcurrent && shape.awaited[nextAwaited(shape, tx.rows)]?.key === rowOfKey) return true;
  const besideOthers = tx.definition.isConcurrent ? shape.deliveries : shape.async;
  return besideOthers.some((delivery) => delivery.key === rowOfKey && delivery.call.url !== '');
}

function succeeded(tx: Transaction, key: CallKey, row: BranchRow | undefined, now: number): Reaction {
  const rows = [finalRow(key, row, { kind: 'success' }, now)];
  return changed(key.op === 'msg' ? { ...submitted(tx, 0, now), rows } : { rows });
}

/** The local transaction has not committed: the message was never to be sent. */
function refused(key: CallKey, row: BranchRow | undefined, result: BranchResult & { kind: 'failure' }, now: number) {
  const reason = keptReason(`back-check refused: ${result.reason}`);
  return changed({ status: 'failed', state: { reason }, rows: [finalRow(key, row, result, now)] });
}

function ongoing(tx: Transaction, key: CallKey, reason: string, { now, defaults }: Moment): Reaction {
  const row = tx.rows.get(rowKey(key.branchId, key.op));
  if (isRepeat(row, now)) return unchanged;
  const wait = ongoingWaitMs(policyOf(tx, key, defaults));
  const waiting = { attempts: row?.attempts ?? 0, nextAttemptAt: now + wait, reason };
  return changed({ rows: [waitingRow(key, row, waiting, now)] });
}

function unclear(tx: Transaction, key: CallKey, reason: string, { now, defaults }: Moment): Reaction {
  const row = tx.rows.get(rowKey(key.branchId, key.op));
  if (isRepeat(row, now)) return unchanged;
  const policy = policyOf(tx, key, defaults);
  const attempts = (row?.attempts ?? 0) + 1;
  const wait = retryWaitMs(policy, attempts, `${tx.gid} ${key.branchId} ${key.op}`);
  const rows = [waitingRow(key, row, { attempts, nextAttemptAt: now + wait, reason }, now)];
  if (!isUsedUp(policy, attempts)) return changed({ rows });
  const pauseReason = keptReason(
    `branch ${key.branchId} ${key.op}: no clear answer in ${String(attempts)} calls; the last: ${reason}`,
  );
  return changed({ isPaused: true, state: { pauseReason }, rows });
}

/** The back-check has its own interval, and goes on growing from there. */
function policyOf(tx: Transaction, key: CallKey, defaults: MachineDefaults): RetryPolicy {
  const { retry, checkIntervalMs } = tx.definition.options;
  if (key.op !== 'msg') return resolveRetry(retry, defaults.retry);
  return resolveRetry(
    { ...retry, initialMs: checkIntervalMs ?? retry.initialMs ?? defaults.checkIntervalMs },
    defaults.retry,
  );
}

/** Everything that waits is due now: calls that back off, the next back-check (the first one too), a delay. */
function retryNow(tx: Transaction, now: number): Reaction {
  if (isFinished(tx.head.status)) return unchanged;
  if (tx.head.status === 'prepared') return checkNow(tx, now);
  const { submittedAt, delayMs } = tx.head.state;
  const rows = madeDue(tx, now);
  if (submittedAt + delayMs > now) return changed({ state: { delayMs: 0 }, rows });
  return rows.length === 0 ? unchanged : changed({ rows });
}

function checkNow(tx: Transaction, now: number): Reaction {
  const row = tx.rows.get(rowKey(backCheckKey.branchId, backCheckKey.op));
  if (row !== undefined && row.nextAttemptAt <= now) return unchanged;
  const waiting = { attempts: row?.attempts ?? 0, nextAttemptAt: now, reason: row?.reason ?? '' };
  return changed({ rows: [waitingRow(backCheckKey, row, waiting, now)] });
}
