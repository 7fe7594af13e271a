import { unreachable } from '../errors.js';
import { afterUnclear, afterUnclearWhenDecided, resolveRetry } from '../retry/retry-engine.js';
import type { RetryPolicy } from '../retry/retry-policy.js';
import { finalRow, ongoingRow, unclearRow, type Answer } from '../transaction/answered-row.js';
import { keptReason } from '../transaction/kept-reason.js';
import type { MachineDefaults, Mutation, Reaction, TransactionEvent } from '../transaction/machine.js';
import { changed, forceStop, retryNow, pause, resume, unchanged, wrongStatus } from '../transaction/operator-events.js';
import { nothingToRegister } from '../transaction/register-branch.js';
import { type CallKey, type Transaction } from '../transaction/transaction.js';
import { deadlineOf, timedOut } from '../transaction/time-limit.js';
import { countMissing, isCalled } from './saga-progress.js';

/** What an event changes in a saga. */
export function reactSaga(tx: Transaction, event: TransactionEvent, now: number, defaults: MachineDefaults): Reaction {
  switch (event.kind) {
    case 'branchAnswered':
      return isCalled(tx, event) ? answered({ tx, key: event, result: event.result, now }, defaults) : unchanged;
    case 'registerBranch':
      return nothingToRegister(tx);
    case 'submit':
      return unchanged;
    case 'abort':
      return wrongStatus(tx, 'aborted by a caller: only its own steps roll a saga back');
    case 'forceStop':
      return forceStop(tx, event.reason);
    case 'pause':
      return pause(tx, event.reason);
    case 'resume':
      return resume(tx, policyOf(tx, defaults), now);
    case 'retryNow':
      return retryNow(tx, now);
    default:
      return unreachable(event);
  }
}

function policyOf(tx: Transaction, defaults: MachineDefaults): RetryPolicy {
  return resolveRetry(tx.definition.options.retry, defaults.retry);
}

function answered(answer: Answer, defaults: MachineDefaults): Reaction {
  const { tx, key, result } = answer;
  switch (result.kind) {
    case 'success':
      return isTooLate(answer, defaults) ? changed(timedOut(tx, defaults)) : changed({ rows: [finalRow(answer)] });
    case 'failure':
      return key.op === 'action' ? refused(answer, result.reason) : unclear(answer, result.reason, defaults);
    case 'ongoing':
      return ongoing(answer, defaults);
    case 'unknown':
      return unclear(answer, result.reason, defaults);
    default:
      return unreachable(result);
  }
}

/**
 * Whether a success comes after the deadline and is not the last: recorded, it would make the next step look started in the
 * very commit that starts the roll-back (S2).
 */
function isTooLate({ tx, key, now }: Answer, defaults: MachineDefaults): boolean {
  if (key.op !== 'action') return false;
  const deadline = deadlineOf(tx, defaults);
  return deadline !== undefined && now >= deadline && countMissing(tx) > 1;
}

/** The refusal and the roll-back travel together (S1). */
function refused(answer: Answer, said: string): Reaction {
  const reason = keptReason(`branch ${answer.key.branchId} refused: ${said}`);
  return changed({ status: 'aborting', state: { reason }, rows: [finalRow(answer)] });
}

function ongoing(answer: Answer, defaults: MachineDefaults): Reaction {
  const row = ongoingRow(answer, policyOf(answer.tx, defaults));
  return row === undefined ? unchanged : changed({ rows: [row] });
}

function unclear(answer: Answer, said: string, defaults: MachineDefaults): Reaction {
  const policy = policyOf(answer.tx, defaults);
  const row = unclearRow(answer, policy);
  if (row === undefined) return unchanged;
  const next = row.op === 'action' ? afterUnclear(policy, row.attempts) : afterUnclearWhenDecided(policy, row.attempts);
  if (next === 'again') return changed({ rows: [row] });
  return changed({ ...givenUp(next, whyGivenUp(answer.key, row.attempts, said)), rows: [row] });
}

function whyGivenUp({ branchId, op }: CallKey, calls: number, said: string): string {
  return keptReason(`branch ${branchId} ${op}: no clear answer in ${String(calls)} calls; the last: ${said}`);
}

function givenUp(then: RetryPolicy['then'], reason: string): Mutation {
  switch (then) {
    case 'rollback':
      return { status: 'aborting', state: { reason } };
    case 'pause':
      return { isPaused: true, state: { pauseReason: reason } };
    case 'fail':
      return { status: 'failed', state: { reason: keptReason(`${reason} (nothing was compensated)`) } };
    default:
      return unreachable(then);
  }
}
