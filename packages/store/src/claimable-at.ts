import type { HeadFields } from './store.js';

/**
 * From when on a transaction can be claimed: the later of its due time and the end of its lease; undefined while it is
 * finished, paused or without a due time. Engines keep it in an index of its own.
 */
export function claimableAt(
  head: Pick<HeadFields, 'finishedAt' | 'isPaused' | 'dueAt'>,
  leaseUntil: number,
): number | undefined {
  if (head.finishedAt !== undefined || head.isPaused || head.dueAt === undefined) return undefined;
  return Math.max(head.dueAt, leaseUntil);
}
