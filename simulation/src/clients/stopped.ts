import type { BranchResult } from '@tandem/protocol';

/** What a service says that is at work, as every participant of the simulation says it. */
export const atWork = 'not yet';

/** A run of a workflow's code that does not get to its end, and what its caller hears of it; undefined: nothing. */
export class Stopped extends Error {
  readonly result: BranchResult | undefined;

  constructor(result: BranchResult | undefined) {
    super(result?.kind ?? 'silent');
    this.name = 'Stopped';
    this.result = result;
  }
}
