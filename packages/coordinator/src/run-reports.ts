/** What a run tells those who measure and log. */
import type { Mutation, Transaction } from '@tandem/protocol';
import type { Delivery } from './delivery.js';
import type { CoordinatorEvents } from './ports.js';

/** Its end is durable. */
export function reportFinished(events: CoordinatorEvents, { gid, definition, head }: Transaction): void {
  const age = (head.finishedAt ?? head.updatedAt) - head.createdAt;
  events.finished?.(definition.type, head.status === 'succeed' ? 'succeed' : 'failed', gid, age);
}

/** That an event paused the transaction, or was an unclear answer of a call that is made again. */
export function reportReaction(
  events: CoordinatorEvents,
  tx: Transaction,
  arrived: Delivery,
  mutation: Mutation,
): void {
  const { event, url } = arrived;
  if (mutation.isPaused === true) events.paused?.(tx.definition.type, tx.gid, tx.head.state.pauseReason);
  if (event.kind !== 'branchAnswered' || event.result.kind === 'success') return;
  const row = mutation.rows?.find((candidate) => candidate.branchId === event.branchId && candidate.op === event.op);
  if (row?.status !== 'prepared') return;
  events.branchRetry?.(tx.gid, event.branchId, event.op, url, row.attempts, event.result.reason);
}
