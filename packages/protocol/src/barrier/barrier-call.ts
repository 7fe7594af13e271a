import { TandemError } from '../errors.js';
import type { BarrierCall } from './branch-barrier.js';

/** Reads a branch call from its query parameters. Throws INVALID_REQUEST where one is missing. */
export function barrierCallOf(parameter: (name: string) => string | null | undefined): BarrierCall {
  return {
    transType: required('trans_type', parameter),
    gid: required('gid', parameter),
    branchId: required('branch_id', parameter),
    op: required('op', parameter),
  };
}

function required(name: string, parameter: (name: string) => string | null | undefined): string {
  const value = parameter(name);
  if (value === null || value === undefined || value === '') {
    throw new TandemError('INVALID_REQUEST', `the branch call has no parameter ${name}`);
  }
  return value;
}
