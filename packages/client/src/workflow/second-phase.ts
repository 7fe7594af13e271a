import type { StepName } from './step-record.js';

/** What is done with a step after the decision. */
export interface SecondPhase extends StepName {
  readonly branchId: string;
  /** Where the step stands in the code, level by level. */
  readonly position: readonly number[];
  readonly onCommit: (() => unknown) | undefined;
  readonly onRollback: (() => unknown) | undefined;
}

export interface SecondPhaseCall extends StepName {
  readonly branchId: string;
  readonly run: () => unknown;
}

/** In the order of the code for a commit, backwards for a rollback; never side by side. */
export function inOrder(phases: readonly SecondPhase[], op: 'commit' | 'rollback'): SecondPhaseCall[] {
  const direction = op === 'commit' ? 1 : -1;
  const sorted = [...phases].sort((one, other) => direction * compare(one.position, other.position));
  return sorted.flatMap(({ branchId, name, kind, onCommit, onRollback }) => {
    const run = op === 'commit' ? onCommit : onRollback;
    return run === undefined ? [] : [{ branchId, name, kind, run }];
  });
}

function compare(one: readonly number[], other: readonly number[]): number {
  const level = one.findIndex((at, index) => at !== other[index]);
  return level < 0 ? 0 : (one[level] ?? 0) - (other[level] ?? 0);
}
