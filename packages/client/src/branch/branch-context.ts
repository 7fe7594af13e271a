import { barrierCallOf, TandemError, type BarrierCall } from '@tandem/protocol';
import { InvalidUse } from '../errors.js';

/** Which call of which transaction this is: `gid`, `transType`, `branchId` and `op`, as the coordinator says them. */
export type BranchContext = BarrierCall;

/** Reads the context of a call. Throws `NOT_A_BRANCH_CALL` when a coordinator did not make it. */
export function branchContextOf(url: URL): BranchContext {
  try {
    return barrierCallOf((name) => url.searchParams.get(name));
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw new InvalidUse('NOT_A_BRANCH_CALL', `this is not a call of a coordinator: ${error.message}`, error);
  }
}
