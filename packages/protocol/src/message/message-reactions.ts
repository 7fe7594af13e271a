import { unreachable } from '../errors.js';
import { isUsedUp, resolveRetry } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { finalRow, ongoingRow, unclearRow, type Answer } from '../transaction/answered-row.js';
import { keptReason } from '../transaction/kept-reason.js';
import type { MachineDefaults, Mutation, Reaction, TransactionEvent } from '../transaction/machine.js';
import { changed, forceStop, retryNow, pause, resume, unchanged, wrongStatus } from '../transaction/operator-events.js';
import { nothingToRegister } from '../transaction/register-branch.js';
import { type BranchOp, type BranchRow, type Transaction } from '../transaction/transaction.js';
import { isCalled } from './message-progress.js';

/** What an event changes in a message. */
export function reactMessage(
  tx: Transaction,
  event: TransactionEvent,
  now: number,
  defaults: MachineDefaults,
): Reaction {
  switch (event.kind) {
    case 'branchAnswered':
      return isCalled(tx, event) ? answered({ tx, key: event, result: event.result, now }, defaults) : unchanged;
    case 'registerBranch':
      return nothingToRegister(tx);
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

function answered(answer: Answer, defaults: MachineDefaults): Reaction {
  const { tx, key, result, now } = answer;
  switch (result.kind) {
    case 'success':
      return changed({ ...(key.op === 'msg' ? submitted(tx, 0, now) : undefined), rows: [finalRow(answer)] });
    case 'failure':
      return key.op === 'msg' ? refused(answer, result.reason) : unclear(answer, result.reason, defaults);
    case 'ongoing':
      return ongoing(answer, defaults);
    case 'unknown':
      return unclear(answer, result.reason, defaults);
    default:
      return unreachable(result);
  }
}

/** The local transaction has not committed: the message was never to be sent. */
function refused(answer: Answer, said: string): Reaction {
  const reason = keptReason(`back-check refused: ${said}`);
  return changed({ status: 'failed', state: { reason }, rows: [finalRow(answer)] });
}

function ongoing(answer: Answer, defaults: MachineDefaults): Reaction {
  const row = ongoingRow(answer, policyOf(answer.tx, answer.key.op, defaults));
  return row === undefined ? unchanged : changed({ rows: [row] });
}

/** Undecided or decided, a message can only wait or pause: giving up would lose it, or send what was never committed (B2). */
function unclear(answer: Answer, said: string, defaults: MachineDefaults): Reaction {
  const policy = policyOf(answer.tx, answer.key.op, defaults);
  const row = unclearRow(answer, policy);
  if (row === undefined) return unchanged;
  if (!isUsedUp(policy, row.attempts)) return changed({ rows: [row] });
  return changed({ isPaused: true, state: { pauseReason: whyGivenUp(row, said) }, rows: [row] });
}

function whyGivenUp({ branchId, op, attempts }: BranchRow, said: string): string {
  return keptReason(`branch ${branchId} ${op}: no clear answer in ${String(attempts)} calls; the last: ${said}`);
}

/** The back-check has its own interval, and goes on growing from there. */
function policyOf(tx: Transaction, op: BranchOp, defaults: MachineDefaults): RetryPolicy {
  const { retry, checkIntervalMs } = tx.definition.options;
  if (op !== 'msg') return resolveRetry(retry, defaults.retry);
  const initialMs = checkIntervalMs ?? retry.initialMs ?? defaults.checkIntervalMs;
  return resolveRetry({ ...retry, initialMs }, defaults.retry);
}
