import { unreachable } from '../errors.js';
import { DueCalls } from '../transaction/due-calls.js';
import type { MachineDefaults, Plan, PlanSituation } from '../transaction/machine.js';
import { deadlineOf, timedOut } from '../transaction/time-limit.js';
import type { Transaction } from '../transaction/transaction.js';
import { callsLeft, isReached, secondPhase, type SecondPhase } from './second-phase.js';
import type { TwoPhaseKind } from './two-phase-kind.js';

const finished: Plan = { kind: 'finished' };
const paused: Plan = { kind: 'paused' };

/** What the durable state of a TCC or XA asks for next. */
export function planTwoPhase(kind: TwoPhaseKind, tx: Transaction, now: number, situation: PlanSituation): Plan {
  const { status, isPaused } = tx.head;
  switch (status) {
    case 'succeed':
    case 'failed':
      return finished;
    case 'prepared':
      return isPaused ? paused : planUndecided(tx, now, situation);
    case 'submitted':
    case 'aborting':
      return isPaused ? paused : planDecided(kind, tx, now, situation);
    default:
      return unreachable(status);
  }
}

/** Nobody is owed anything but the decision. */
function planUndecided(tx: Transaction, now: number, defaults: MachineDefaults): Plan {
  const deadline = deadlineOf(tx, defaults);
  if (deadline === undefined) return { kind: 'wait', wakeAt: now + undecidedLookMs, waitsFor: undefined };
  if (now >= deadline) return { kind: 'mutate', mutation: timedOut(tx, defaults) };
  return { kind: 'wait', wakeAt: deadline, waitsFor: undefined };
}

/** Where a user has switched the time limit off, an undecided transaction waits for its caller; it is looked at now and then. */
const undecidedLookMs = 3600_000;

function planDecided(kind: TwoPhaseKind, tx: Transaction, now: number, situation: PlanSituation): Plan {
  const phase = secondPhase(kind, tx, situation.requestTimeoutMs);
  const due = new DueCalls(tx.rows, now);
  if (phase === undefined || !addNext(phase, tx, due, { now, isPutOff: situation.isPutOff })) {
    return { kind: 'mutate', mutation: { status: tx.head.status === 'submitted' ? 'succeed' : 'failed' } };
  }
  return due.plan();
}

/** Adds the first call that is due and can be made, and when those before it are; answers whether any is left to do. */
function addNext(
  phase: SecondPhase,
  { rows }: Transaction,
  due: DueCalls,
  { now, isPutOff }: { readonly now: number; readonly isPutOff: PlanSituation['isPutOff'] },
): boolean {
  let isAnyLeft = false;
  for (const next of callsLeft(phase, rows)) {
    isAnyLeft = true;
    if (!isReached(rows, next)) continue;
    const dueAt = rows.get(next.key)?.nextAttemptAt ?? 0;
    if (dueAt > now) due.wake(dueAt, next.call.url);
    else if (isPutOff?.(next.call.url) === true) due.wake(Infinity, next.call.url);
    else {
      due.add(next);
      break;
    }
  }
  return isAnyLeft;
}
