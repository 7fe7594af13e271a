import { TandemError } from '../errors.js';
import type { BranchView, Machine } from '../transaction/machine.js';
import { openedHead } from '../transaction/opened-head.js';
import { statusOutcome } from '../transaction/status-outcome.js';
import { rowKey, type BranchOp, type Transaction } from '../transaction/transaction.js';
import { registeredBranches } from './second-phase.js';
import type { TwoPhaseKind } from './two-phase-kind.js';
import { planTwoPhase } from './two-phase-plan.js';
import { reactTwoPhase } from './two-phase-reactions.js';

/** The machine of TCC or XA. */
export function twoPhaseMachine(kind: TwoPhaseKind): Machine {
  return {
    open: (definition, intent, _delayMs, now) => {
      if (intent === 'prepare') return openedHead('prepared', now, 0);
      // DTM answers success to the submit of one that it does not know, and nothing is ever confirmed.
      throw new TandemError('NOT_FOUND', `a ${definition.type} is prepared before it is submitted`);
    },
    react: (tx, event, now, defaults) => reactTwoPhase(kind, tx, event, now, defaults),
    plan: (tx, now, situation) => planTwoPhase(kind, tx, now, situation),
    outcome: statusOutcome,
    branches: (tx) => twoPhaseBranches(kind, tx),
  };
}

/** Both operations of each branch, the undoing first, as DTM saves them. */
function twoPhaseBranches(kind: TwoPhaseKind, tx: Transaction): readonly BranchView[] {
  return registeredBranches(kind, tx.rows).flatMap((branch) => {
    const { urls, payload } = branch.registered;
    const view = (
      op: BranchOp & ('confirm' | 'cancel' | 'commit' | 'rollback'),
      end: 'succeed' | 'failed',
    ): BranchView => {
      const row = tx.rows.get(rowKey(branch.branchId, op));
      const url = urls[op] ?? '';
      const status = row?.status ?? (url === '' && tx.head.status === end ? 'succeed' : 'prepared');
      return { branchId: branch.branchId, op, url, payload, status, row };
    };
    return [view(kind.backOp, 'failed'), view(kind.forwardOp, 'succeed')];
  });
}
