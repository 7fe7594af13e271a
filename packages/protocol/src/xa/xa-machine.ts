/**
 * XA: each participant, called by the caller, registers its branch, works inside `xa start` ... `xa prepare`, and answers.
 * Submit commits all branches, abort rolls all back; so does the time limit.
 *
 * X1. One decision, as in TCC (T1, T2, T3).
 * X2. One after the other, in the order of registration. Not all at once: on MariaDB a COMMIT that comes directly after the
 *     PREPARE can get XAER_NOTA, which DTM's Go SDK takes for success, so that work is lost.
 */
import type { Machine } from '../transaction/machine.js';
import { twoPhaseMachine } from '../two-phase/two-phase-machine.js';

export const xaMachine: Machine = twoPhaseMachine({
  type: 'xa',
  registeredOp: 'action',
  forwardOp: 'commit',
  backOp: 'rollback',
  isBackwards: false,
});
