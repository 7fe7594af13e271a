/** What an answer tells, whichever wire carries it. */
import { isBarrierResult } from '../barrier/barrier-results.js';
import type { BranchContext } from './branch-context.js';
import { BranchFailure, BranchOngoing } from './branch-outcome.js';

/** Whether it is meant for others: not what a barrier told, nor a driver's object that an arrow function passed on. */
export function isData(value: unknown): boolean {
  if (value === undefined || isBarrierResult(value)) return false;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toJSON' in value) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What may refuse: the rest comes after the decision. */
export const mayRefuse: readonly (string | undefined)[] = ['action', 'try', 'msg'];

/** Refusing is for actions, tries and back-checks: what does so after the decision is called again, and somebody should know. */
export function isExpected(error: unknown, context: BranchContext | undefined): boolean {
  if (error instanceof BranchOngoing) return true;
  return error instanceof BranchFailure && mayRefuse.includes(context?.op);
}

/** What is done with an unexpected error by default. */
export function logError(error: unknown, context: BranchContext | undefined): void {
  const where = context === undefined ? 'a branch' : `branch ${context.branchId} ${context.op} of ${context.gid}`;
  console.error(`${where}:`, error);
}
