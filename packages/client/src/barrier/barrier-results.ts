import { messageOp, type BarrierRow } from '@tandem/protocol';
import { BranchFailure } from '../branch/branch-outcome.js';
import { isObject } from '../json.js';
import type { BarrierResult, BarrierSkip } from './barrier.js';

const results = new WeakSet<object>();

/** Whether a value is what a barrier told: for its own process, and no answer for others. */
export function isBarrierResult(value: unknown): boolean {
  return isObject(value) && results.has(value);
}

/** The same result, known as one. */
export function told<T>(result: BarrierResult<T>): BarrierResult<T> {
  results.add(result);
  return result;
}

/** The result of work that was not done. */
export function skipped(why: BarrierSkip): BarrierResult<never> {
  return told({ done: false, skipped: why });
}

/** What the row that was in the way means, by who wrote it: this very operation before, or what excludes it. */
export function explained(current: BarrierRow, reason: string | undefined): BarrierResult<never> {
  if (reason === current.reason) return skipped('repeated');
  if (current.op === messageOp) throw new BranchFailure('the back-check came first: nothing may commit any more');
  return skipped('alreadyUndone');
}
