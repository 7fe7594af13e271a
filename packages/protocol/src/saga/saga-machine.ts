/**
 * The saga: actions one after the other (or side by side, but for `orders`); when one is refused, the limit of time or of
 * retries is used up, everything that may have started is compensated in reverse.
 *
 * S1. The refusal of an action and the status `aborting` travel in one mutation, with the reason.
 * S2. A step may have started if all it waits for has durably succeeded: that is derived from rows, never stored. What an
 *     action answers while aborting is therefore not recorded: it would make steps look started that cannot have been.
 * S3. The refused step and steps whose answer is not known are compensated too; barriers make that harmless.
 * S4. A compensation that answers "failure" breaks the protocol; it is called again like one that gave no clear answer.
 * S5. An empty URL counts as success and has no row.
 */
import { TandemError } from '../errors.js';
import { branchIdOf, stepRowKey } from '../transaction/branch-id.js';
import type { Definition } from '../transaction/definition.js';
import type { BranchView, Machine, OpenIntent } from '../transaction/machine.js';
import { openedHead } from '../transaction/opened-head.js';
import { statusOutcome } from '../transaction/status-outcome.js';
import type { BranchOp, BranchStatus, Head, Transaction } from '../transaction/transaction.js';
import { actionProgress, isReached } from './concurrent-progress.js';
import { planSaga } from './saga-plan.js';
import { reactSaga } from './saga-reactions.js';
import { sagaShape } from './saga-shape.js';
import { mayHaveStarted } from './sequential-progress.js';

export const sagaMachine: Machine = {
  open: openSaga,
  react: reactSaga,
  plan: planSaga,
  outcome: statusOutcome,
  branches: sagaBranches,
};

function openSaga(_definition: Definition, intent: OpenIntent, _delayMs: number, now: number): Head {
  if (intent === 'prepare')
    throw new TandemError('INVALID_REQUEST', 'a saga is submitted at once, it cannot be prepared');
  return openedHead('submitted', now, 0);
}

function sagaBranches(tx: Transaction): readonly BranchView[] {
  const isStarted = startedSteps(tx);
  return tx.definition.steps.flatMap((step, index) => {
    const view = (op: BranchOp, url: string, withoutUrl: BranchStatus): BranchView => {
      const row = tx.rows.get(stepRowKey(index, op));
      const status = row?.status ?? (url === '' ? withoutUrl : 'prepared');
      return { branchId: branchIdOf(index), op, url, payload: step.payload, status, row };
    };
    const started = isStarted(index);
    return [
      view('compensate', step.compensate, started && tx.head.status === 'failed' ? 'succeed' : 'prepared'),
      view('action', step.action, started ? 'succeed' : 'prepared'),
    ];
  });
}

function startedSteps(tx: Transaction): (index: number) => boolean {
  const shape = sagaShape(tx.definition, undefined);
  if (shape.kind === 'sequential') return (index) => mayHaveStarted(shape, tx.rows, index);
  const progress = actionProgress(shape, tx.rows);
  return (index) => isReached(progress, index);
}
