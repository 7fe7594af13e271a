import type { BranchOp } from '../transaction/transaction.js';
import { cell, type Cell, type Effect, type StateRow, type TableEvent } from './state-table.js';

type Answers<Op extends string> = Readonly<
  Record<`${Op} ${'success' | 'failure' | 'ongoing' | 'unknown'}`, Cell<Effect>>
>;

/** The four answers of an operation that the status does not call. */
export function answersTo<Op extends BranchOp>(op: Op, effect: Cell<Effect>): Answers<Op> {
  const entries = (['success', 'failure', 'ongoing', 'unknown'] as const).map((kind) => [`${op} ${kind}`, effect]);
  return Object.fromEntries(entries) as Answers<Op>;
}

/** An answer that nobody waits for any more. */
export const late = cell<Effect>(['unchanged'], 'late');

/** An answer of an operation that the type or the status never calls. */
export const notCalled = cell<Effect>(['unchanged'], 'never called here');

/** A type whose branches are known from the start. */
export const nothingToRegister = cell<Effect>(['refused'], 'INVALID_REQUEST: its branches are known from the start');

/** What operators may do to every unfinished transaction. */
export const operatorEvents = {
  forceStop: cell<Effect>(['to failed'], 'nothing further is called; marked as forced, with the reason'),
  pause: cell<Effect>(['paused', 'unchanged'], 'with the reason; a repeat changes nothing'),
  resume: cell<Effect>(['resumed', 'unchanged'], 'a used-up retry limit starts afresh; unchanged where not paused'),
} satisfies Partial<Record<TableEvent, Cell<Effect>>>;

/** What callers may still ask of a finished transaction. */
interface AskedLate {
  readonly submit: Cell<Effect>;
  readonly abort: Cell<Effect>;
  readonly registerBranch: Cell<Effect>;
}

/** A finished transaction never changes again. */
export function finishedRow<Op extends BranchOp>(
  lateAnswers: Readonly<Record<`${Op} ${'success' | 'failure' | 'ongoing' | 'unknown'}`, Cell<Effect>>>,
  { submit, abort, registerBranch }: AskedLate,
): StateRow<Op> {
  const refused = cell<Effect>(['refused'], 'WRONG_STATUS');
  const events = {
    ...lateAnswers,
    registerBranch,
    submit,
    abort,
    forceStop: refused,
    pause: refused,
    resume: refused,
    retryNow: cell<Effect>(['unchanged'], 'too late'),
  };
  return { plan: cell(['finished'], 'nothing'), events };
}
