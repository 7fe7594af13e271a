/**
 * TCC: the caller prepares the transaction, registers each branch before it calls the branch's try, and then submits (confirm
 * all) or aborts (cancel all). The coordinator never calls a try. Undecided when its time is over, it is cancelled.
 *
 * T1. Confirm xor cancel: the decision is the status, taken once from `prepared`, and nothing leads to the other side.
 * T2. After the decision, and after the time limit, nothing is registered: its try must not be called.
 * T3. Decided, it never gives up: a limit of retries pauses it.
 */
import type { Machine } from '../transaction/machine.js';
import { twoPhaseMachine } from '../two-phase/two-phase-machine.js';

export const tccMachine: Machine = twoPhaseMachine({
  type: 'tcc',
  registeredOp: 'try',
  forwardOp: 'confirm',
  backOp: 'cancel',
  isBackwards: true,
});
