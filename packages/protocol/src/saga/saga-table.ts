import { answersTo, finishedRow, late, nothingToRegister, notCalled, operatorEvents } from '../tables/common-cells.js';
import { cell, type Effect, type StateTable } from '../tables/state-table.js';

const submitAgain = cell<Effect>(['unchanged'], 'a repeat; the caller compares the content');
const cannotAbort = cell<Effect>(['refused'], 'WRONG_STATUS: only its own steps roll a saga back');
const madeDue = cell<Effect>(['recorded', 'unchanged'], 'what backs off is due now; unchanged where nothing does');

const askedLate = { submit: submitAgain, abort: cannotAbort, registerBranch: nothingToRegister };
const lateAnswers = { ...answersTo('action', late), ...answersTo('compensate', late), ...answersTo('msg', late) };

/** The saga, status by status. */
export const sagaTable: StateTable<'action' | 'compensate' | 'msg'> = {
  prepared: 'never',
  submitted: {
    plan: cell(
      ['call action', 'wait', 'paused', 'to succeed', 'to aborting'],
      'the actions whose predecessors have succeeded, unless they back off; all succeeded: succeed; timeout_to_fail is over: aborting',
    ),
    events: {
      'action success': cell(
        ['recorded', 'unchanged', 'to aborting'],
        'the row succeeds; unchanged where it had, or was not called; not the last one and timeout_to_fail is over: aborting',
      ),
      'action failure': cell(['to aborting', 'unchanged'], 'the row fails and the roll-back begins, in one commit'),
      'action ongoing': cell(['recorded', 'unchanged'], 'called again after the initial interval; does not count'),
      'action unknown': cell(
        ['recorded', 'unchanged', 'paused', 'to aborting', 'to failed'],
        'counted, called again after the back-off; limit used up: as the policy says (roll back, pause, fail)',
      ),
      ...answersTo('compensate', notCalled),
      ...answersTo('msg', notCalled),
      registerBranch: nothingToRegister,
      submit: submitAgain,
      abort: cannotAbort,
      ...operatorEvents,
      retryNow: madeDue,
    },
  },
  aborting: {
    plan: cell(
      ['call compensate', 'wait', 'paused', 'to failed'],
      'compensations, in reverse, of every step that may have started (the refused one too); all succeeded: failed',
    ),
    events: {
      ...answersTo('action', cell(['unchanged'], 'not recorded: it would make later steps look started')),
      'compensate success': cell(
        ['recorded', 'unchanged'],
        'the row succeeds; unchanged where it had, or was not called',
      ),
      'compensate failure': cell(
        ['recorded', 'unchanged', 'paused'],
        'breaks the protocol; counted and called again, like unknown',
      ),
      'compensate ongoing': cell(['recorded', 'unchanged'], 'called again after the initial interval; does not count'),
      'compensate unknown': cell(
        ['recorded', 'unchanged', 'paused'],
        'counted, called again after the back-off; a limit can only pause, and one that says rollback has done its work',
      ),
      ...answersTo('msg', notCalled),
      registerBranch: nothingToRegister,
      submit: submitAgain,
      abort: cannotAbort,
      ...operatorEvents,
      retryNow: madeDue,
    },
  },
  succeed: finishedRow(lateAnswers, askedLate),
  failed: finishedRow(lateAnswers, askedLate),
};
