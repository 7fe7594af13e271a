/** Brings one row to the coordinator, and says what its answer means for the row. */
import type { Connection } from '../coordinator/connection.js';
import { InvalidUse, RequestRefused, TransactionFailed, TransactionOngoing } from '../errors.js';
import { submit } from '../transaction/submission.js';
import type { ClaimedRow } from './outbox-rows.js';
import { restoredRequest } from './stored-request.js';

export type Delivery =
  /** It is durable there. */
  | { readonly kind: 'submitted' }
  /** It will be refused each time: somebody must look at it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** This one did not go; others may. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** None will go for now. */
  | { readonly kind: 'unreachable'; readonly error: unknown };

export async function deliver(connection: Connection, row: ClaimedRow, signal: AbortSignal): Promise<Delivery> {
  try {
    const request = restoredRequest(row.request);
    return await submitted(connection, request, signal);
  } catch (error) {
    // What is stored is none of ours, or this coordinator's wire has no words for it (see `grpcCoordinator`).
    if (error instanceof InvalidUse) return { kind: 'refused', reason: error.message };
    return { kind: 'unreachable', error };
  }
}

async function submitted(
  connection: Connection,
  request: ReturnType<typeof restoredRequest>,
  signal: AbortSignal,
): Promise<Delivery> {
  try {
    await submit(connection, request, { signal });
    return { kind: 'submitted' };
  } catch (error) {
    if (error instanceof TransactionOngoing) return { kind: 'submitted' };
    // A repeat: the saga has arrived before, and its outcome is known there. A message that failed was given up by somebody.
    if (error instanceof TransactionFailed && request.trans_type === 'saga') return { kind: 'submitted' };
    if (error instanceof TransactionFailed) return { kind: 'refused', reason: error.message };
    if (!(error instanceof RequestRefused)) throw error;
    if (isForGood(error)) return { kind: 'refused', reason: error.message };
    return error.status === 500 ? { kind: 'failed', error } : { kind: 'unreachable', error };
  }
}

const statusesForGood: readonly number[] = [400, 409, 413, 422];

/**
 * Whether the refusal is of this request. Others, as 401 of a wrong token or 404 of a wrong path, are of the way there: they would
 * be of each row, and are no reason to put all aside.
 */
function isForGood({ status, coordinatorCode }: RequestRefused): boolean {
  return statusesForGood.includes(status) || coordinatorCode === 'TOPIC_NOT_FOUND';
}
