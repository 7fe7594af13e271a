import { BranchOngoing } from '../branch/branch-outcome.js';
import { saidBy } from '../errors.js';

/** Ends an execution whose workflow has not ended: another one, that the coordinator asks for, goes on. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** Nothing went wrong: it sleeps, or a step is not done yet. */
  readonly isExpected: boolean;

  constructor(cause: unknown, message = saidBy(cause)) {
    super(message, { cause });
    this.isExpected = cause === undefined || cause instanceof BranchOngoing;
  }

  static sleep(until: number): Interruption {
    return new Interruption(undefined, `it sleeps until ${new Date(until).toISOString()}`);
  }
}
