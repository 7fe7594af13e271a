import {
  BranchFailure,
  LocalTransactionUnclear,
  RequestRefused,
  TransactionFailed,
  TransactionOngoing,
  type Submitted,
} from '@tandem/client';

/**
 * What a client was told of its transaction.
 *
 * - `succeeded`, `failed`: its outcome.
 * - `accepted`, `ongoing`: it is durable, and goes on by itself.
 * - `unknown`: nothing; it may or may not have arrived.
 * - `refused`: it was turned away, for good.
 */
export interface Told {
  readonly kind: 'succeeded' | 'failed' | 'accepted' | 'ongoing' | 'unknown' | 'refused';
  readonly why: string;
  /** What a workflow ended with. */
  readonly result?: string;
}

export function toldBySubmit({ status }: Submitted): Told {
  return { kind: status === 'succeed' ? 'succeeded' : 'accepted', why: '' };
}

/** Reads what the SDK threw; anything that is none of its errors tells nothing. */
export function toldByError(error: unknown): Told {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof TransactionFailed || error instanceof BranchFailure) return { kind: 'failed', why };
  if (error instanceof TransactionOngoing) return { kind: 'ongoing', why };
  if (error instanceof LocalTransactionUnclear && error.decision === 'submitted') return { kind: 'accepted', why };
  if (error instanceof RequestRefused && !error.isRetryable) {
    return { kind: 'refused', why: `${error.coordinatorCode ?? ''} ${why}` };
  }
  return { kind: 'unknown', why };
}

/** Runs one try of a client and reads how it ended. */
export async function tell(attempt: () => Promise<Submitted>): Promise<Told> {
  try {
    return toldBySubmit(await attempt());
  } catch (error) {
    return toldByError(error);
  }
}
