import { answersTo, finishedRow, late, nothingToRegister, notCalled, operatorEvents } from '../tables/common-cells.js';
import { cell, type Effect, type StateTable } from '../tables/state-table.js';

const submitAgain = cell<Effect>(['unchanged'], 'a repeat; the caller compares the content');
const committed = cell<Effect>(['refused'], 'WRONG_STATUS: it has been submitted');

const lateAnswers = { ...answersTo('action', late), ...answersTo('compensate', late), ...answersTo('msg', late) };

/** The two-phase message, status by status. */
export const messageTable: StateTable<'action' | 'compensate' | 'msg'> = {
  prepared: {
    plan: cell(
      ['call msg', 'wait', 'paused'],
      'the back-check (branch 00, op msg): first timeout_to_fail after prepare, then at its interval',
    ),
    events: {
      ...answersTo('action', notCalled),
      ...answersTo('compensate', notCalled),
      'msg success': cell(['to submitted'], 'the local transaction has committed'),
      'msg failure': cell(['to failed'], 'the local transaction has not committed, and never will'),
      'msg ongoing': cell(['recorded', 'unchanged'], 'asked again after the check interval; does not count'),
      'msg unknown': cell(
        ['recorded', 'unchanged', 'paused'],
        'counted, asked again after the back-off; a limit can only pause',
      ),
      registerBranch: nothingToRegister,
      submit: cell(['to submitted'], 'its delay counts from now; one that it leaves out is as prepared'),
      abort: cell(['to failed'], 'with the reason'),
      ...operatorEvents,
      retryNow: cell(['recorded', 'unchanged'], 'a back-check that backs off is due now; the first one keeps its time'),
    },
  },
  submitted: {
    plan: cell(
      ['call action', 'wait', 'paused', 'to succeed'],
      'after the delay: the next delivery (all of them if concurrent), and every async one; all delivered: succeed',
    ),
    events: {
      'action success': cell(['recorded', 'unchanged'], 'the row succeeds; unchanged where it had, or was not called'),
      'action failure': cell(['recorded', 'unchanged', 'paused'], 'a message never rolls back: like unknown'),
      'action ongoing': cell(['recorded', 'unchanged'], 'called again after the initial interval; does not count'),
      'action unknown': cell(
        ['recorded', 'unchanged', 'paused'],
        'counted, called again after the back-off; a limit can only pause',
      ),
      ...answersTo('compensate', notCalled),
      ...answersTo('msg', late),
      registerBranch: nothingToRegister,
      submit: submitAgain,
      abort: committed,
      ...operatorEvents,
      retryNow: cell(['recorded', 'unchanged'], 'what backs off is due now; a delay keeps its time'),
    },
  },
  aborting: 'never',
  succeed: finishedRow(lateAnswers, {
    submit: submitAgain,
    abort: committed,
    registerBranch: nothingToRegister,
  }),
  failed: finishedRow(lateAnswers, {
    submit: cell(['refused'], 'WRONG_STATUS: it was aborted, or its local transaction did not commit'),
    abort: cell(['unchanged'], 'a repeat'),
    registerBranch: nothingToRegister,
  }),
};
