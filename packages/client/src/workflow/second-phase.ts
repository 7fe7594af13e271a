import type { StepName } from './step-record.js';

/** What is done with a step after the decision. One that was refused is undone, whatever the decision: it has only `onRollback`. */
export interface SecondPhase extends StepName {
  readonly branchId: string;
  /** Where the step stands in the code, level by level. */
  readonly position: readonly number[];
  readonly isRefused: boolean;
  readonly onCommit: (() => unknown) | undefined;
  readonly onRollback: (() => unknown) | undefined;
}

export type SecondPhaseOp = 'commit' | 'rollback';

export interface SecondPhaseCall extends StepName {
  readonly branchId: string;
  readonly op: SecondPhaseOp;
  readonly run: () => unknown;
}

/** Commits in the order of the code, then what is rolled back, backwards; never side by side. */
export function inOrder(phases: readonly SecondPhase[], decision: SecondPhaseOp): SecondPhaseCall[] {
  const sorted = [...phases].sort((one, other) => compare(one.position, other.position));
  const isRolledBack = ({ isRefused }: SecondPhase): boolean => isRefused || decision === 'rollback';
  const committed = sorted.filter((phase) => !isRolledBack(phase)).flatMap((phase) => callOf(phase, 'commit'));
  const rolledBack = sorted.filter(isRolledBack).reverse();
  return [...committed, ...rolledBack.flatMap((phase) => callOf(phase, 'rollback'))];
}

function callOf({ branchId, name, kind, onCommit, onRollback }: SecondPhase, op: SecondPhaseOp): SecondPhaseCall[] {
  const run = op === 'commit' ? onCommit : onRollback;
  return run === undefined ? [] : [{ branchId, name, kind, op, run }];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const level = one.findIndex((at, index) => at !== other[index]);
  return level < 0 ? 0 : (one[level] ?? 0) - (other[level] ?? 0);
}
