import { answersTo, finishedRow, late, operatorEvents } from '../tables/common-cells.js';
import { cell, type Effect, type StateTable } from '../tables/state-table.js';

const ended = cell<Effect>(['refused'], 'ALREADY_FINISHED, which no SDK takes for a reason to roll back');
const notByCallers = cell<Effect>(['refused'], 'WRONG_STATUS: only its own code ends it');
const unclear = cell<Effect>(
  ['recorded', 'unchanged', 'paused'],
  'no decision: counted, called again after the back-off; a limit can only pause; unchanged where a step was recorded meanwhile',
);
const otherVerdict = cell<Effect>(['unchanged', 'refused'], 'the same verdict: a repeat; the other one: WRONG_STATUS');
const askedLate = { submit: otherVerdict, abort: notByCallers, registerBranch: ended };

/** The workflow, status by status. */
export const workflowTable: StateTable<'resume'> = {
  prepared: {
    plan: cell(
      ['call resume', 'wait', 'paused'],
      'its service is called retry_interval after the prepare, or after the last recorded step',
    ),
    events: {
      'resume success': unclear,
      'resume failure': unclear,
      'resume ongoing': cell(
        ['recorded', 'unchanged'],
        'the code is at work: called again after the interval; the count of unclear answers starts afresh',
      ),
      'resume unknown': unclear,
      registerBranch: cell(
        ['recorded', 'unchanged', 'refused'],
        'new: a row of its own, and the next resume moves on; the same again: unchanged; another result: STEP_ALREADY_RECORDED',
      ),
      submit: cell(
        ['to succeed', 'to failed', 'refused'],
        'as its verdict says, with result or reason; without one: refused',
      ),
      abort: notByCallers,
      ...operatorEvents,
      retryNow: cell(
        ['recorded', 'unchanged'],
        'a resume that backs off is due now; code that is at work keeps its time',
      ),
    },
  },
  submitted: 'never',
  aborting: 'never',
  succeed: finishedRow(answersTo('resume', late), askedLate),
  failed: finishedRow(answersTo('resume', late), askedLate),
};
