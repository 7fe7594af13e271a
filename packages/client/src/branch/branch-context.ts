import { barrierCallOf, TandemError, type BarrierCall } from '@tandem/protocol';
import { InvalidUse } from '../errors.js';

/** Which call of which transaction this is, as the coordinator says it. */
export interface BranchContext extends BarrierCall {
  /** `saga`, `tcc`, `xa`, `msg` or `workflow`. */
  readonly transType: string;
  /** The transaction's name. */
  readonly gid: string;
  /** The branch in it: `01`, `02`, ...; nested in another: `0101`. */
  readonly branchId: string;
  /** What the branch is to do: `action`, `compensate`, `try`, `confirm`, `cancel`, `commit`, `rollback`, `msg`. */
  readonly op: string;
}

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
