import { answersTo, finishedRow, late, notCalled, operatorEvents } from '../tables/common-cells.js';
import { cell, type Effect, type StateRow, type StateTable } from '../tables/state-table.js';
import type { TwoPhaseKind } from './two-phase-kind.js';

const registered = cell<Effect>(
  ['recorded', 'unchanged', 'refused'],
  'new: a row of its own; the same again: unchanged; other content, too many, or the time limit is over: refused',
);
const tooLate = cell<Effect>(['refused'], 'WRONG_STATUS, a repeat too: its branch must not be called');
const again = cell<Effect>(['unchanged'], 'a repeat');
const decided = cell<Effect>(['refused'], 'WRONG_STATUS: it was decided otherwise');

/** TCC or XA, status by status. */
export function twoPhaseTable<Ops extends TwoPhaseKind['forwardOp' | 'backOp']>(
  forward: Ops,
  back: Ops,
  order: string,
): StateTable<Ops> {
  const none = { ...answersTo(forward, notCalled), ...answersTo(back, notCalled) };
  const prepared: StateRow<Ops> = {
    plan: cell(['wait', 'paused', 'to aborting'], 'the decision is awaited; timeout_to_fail is over: aborting'),
    events: {
      ...none,
      registerBranch: registered,
      submit: cell<Effect>(['to submitted'], `decided: every branch is to ${forward}`),
      abort: cell<Effect>(['to aborting'], `decided: every branch is to ${back}; with the reason`),
      ...operatorEvents,
      retryNow: cell<Effect>(['unchanged'], 'nothing is called before the decision'),
    },
  };
  const phaseTwo = (op: Ops, other: Ops, submit: typeof again, abort: typeof again): StateRow<Ops> => ({
    plan: cell(
      [`call ${op}` as const, 'wait', 'paused', op === forward ? 'to succeed' : 'to failed'],
      `${op}, ${order}; one that backs off lets the others go on, but for those it is nested in; all done: ${op === forward ? 'succeed' : 'failed'}`,
    ),
    events: {
      ...answersTo(other, notCalled),
      ...answersOf(op),
      registerBranch: tooLate,
      submit,
      abort,
      ...operatorEvents,
      retryNow: cell<Effect>(['recorded', 'unchanged'], 'what backs off is due now; unchanged where nothing does'),
    },
  });
  const lateAnswers = { ...answersTo(forward, late), ...answersTo(back, late) };
  return {
    prepared,
    submitted: phaseTwo(forward, back, again, decided),
    aborting: phaseTwo(back, forward, decided, again),
    succeed: finishedRow(lateAnswers, { submit: again, abort: decided, registerBranch: tooLate }),
    failed: finishedRow(lateAnswers, { submit: decided, abort: again, registerBranch: tooLate }),
  };
}

function answersOf<Op extends string>(
  op: Op,
): Readonly<Record<`${Op} ${'success' | 'failure' | 'ongoing' | 'unknown'}`, ReturnType<typeof cell<Effect>>>> {
  const unclear = 'counted, called again after the back-off; a limit can only pause';
  return {
    [`${op} success`]: cell<Effect>(['recorded', 'unchanged'], 'the row succeeds; unchanged where it had'),
    [`${op} failure`]: cell<Effect>(['recorded', 'unchanged', 'paused'], `breaks the protocol: ${unclear}`),
    [`${op} ongoing`]: cell<Effect>(
      ['recorded', 'unchanged'],
      'called again after the initial interval; does not count',
    ),
    [`${op} unknown`]: cell<Effect>(['recorded', 'unchanged', 'paused'], unclear),
  } as ReturnType<typeof answersOf<Op>>;
}
