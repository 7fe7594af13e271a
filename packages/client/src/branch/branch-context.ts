import { barrierCallOf, TandemError, type BarrierCall } from '@tandem/protocol';
import { InvalidUse } from '../errors.js';

/** Which call of which transaction this is: `gid`, `transType`, `branchId` and `op`, as the coordinator says them. */
export type BranchContext = BarrierCall;

/** Reads the context of a call by HTTP. Throws `NOT_A_BRANCH_CALL` when a coordinator did not make it. */
export function branchContextOf(url: URL): BranchContext {
  return readContext((name) => url.searchParams.get(name));
}

/** Reads the context by the names that it has in a query. Throws as `branchContextOf`. */
export function readContext(parameter: (name: string) => string | null | undefined): BranchContext {
  try {
    return barrierCallOf(parameter);
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw new InvalidUse('NOT_A_BRANCH_CALL', `this is not a call of a coordinator: ${error.message}`, error);
  }
}
