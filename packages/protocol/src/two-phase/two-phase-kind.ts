import type { BranchOp } from '../transaction/transaction.js';

/** What sets TCC and XA apart; everything else they share. */
export interface TwoPhaseKind {
  readonly type: 'tcc' | 'xa';
  /** Under which operation a branch is registered: what its caller calls itself. */
  readonly registeredOp: BranchOp;
  readonly forwardOp: 'confirm' | 'commit';
  readonly backOp: 'cancel' | 'rollback';
  /** Whether the last registered branch is called first. */
  readonly isBackwards: boolean;
}
