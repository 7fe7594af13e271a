import type { Unfit } from './moving-source.js';

/** What a copy has done so far, and in the end. */
export interface CopyReport {
  /** Key-values that were written. */
  keyValues: number;
  readonly finished: Counted;
  readonly unfinished: Counted;
  /** Compared with the source by digest after copying. */
  verified: number;
  /** One digest over all that was compared, in whatever order; undefined: nothing was compared. */
  digest: string | undefined;
  /** Transactions that were not copied or are not the same, and why; the first `problemsMax` of them. */
  readonly problems: Unfit[];
  problemCount: number;
}

export interface Counted {
  /** In the source. */
  found: number;
  /** Written by this run; the others were there, and the same. */
  written: number;
}

export const problemsMax = 100;

export function newReport(): CopyReport {
  const counted = (): Counted => ({ found: 0, written: 0 });
  return {
    keyValues: 0,
    finished: counted(),
    unfinished: counted(),
    verified: 0,
    digest: undefined,
    problems: [],
    problemCount: 0,
  };
}

export function addProblem(report: CopyReport, problem: Unfit): void {
  report.problemCount += 1;
  if (report.problems.length < problemsMax) report.problems.push(problem);
}
