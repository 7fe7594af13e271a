import { messageOp } from '@tandem/protocol';
import type { Barrier } from '../barrier/barrier.js';
import type { BarrierDatabase } from '../barrier/barrier-database.js';
import { InvalidUse } from '../errors.js';
import { branchHandler, type BranchHandlerOptions, type RequestHandler } from './branch-handler.js';
import { BranchFailure, BranchOngoing } from './branch-outcome.js';

/** Answers the coordinator's question whether the local transaction of a message committed, from its barrier row. */
export function backCheckHandler(db: BarrierDatabase<unknown>, options: BranchHandlerOptions = {}): RequestHandler {
  return branchHandler((call) => answerBackCheck(db, call), options);
}

/** Returns where it committed, and throws `BranchFailure` where it did not, `BranchOngoing` where it is open. */
export async function answerBackCheck(
  db: BarrierDatabase<unknown>,
  { op, barrier }: { readonly op: string; readonly barrier: Barrier },
): Promise<void> {
  // Anything else would be answered, and blocked, as if it were the local transaction of a message.
  if (op !== messageOp) throw new InvalidUse('NOT_A_BRANCH_CALL', `this is a back-check, not a branch for "${op}"`);
  switch (await barrier.backCheck(db)) {
    case 'committed':
      return;
    case 'rolledBack':
      throw new BranchFailure('the local transaction did not commit');
    case 'open':
      throw new BranchOngoing('the local transaction is still open');
  }
}
