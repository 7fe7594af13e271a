import type { BranchResult } from '@tandem/protocol';

/** A run of a workflow's code that does not get to its end, and what its caller hears of it; undefined: nothing. */
export class Stopped extends Error {
  readonly result: BranchResult | undefined;

  constructor(result: BranchResult | undefined) {
    super(result?.kind ?? 'silent');
    this.name = 'Stopped';
    this.result = result;
  }
}
