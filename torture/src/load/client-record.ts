import type { Told } from '../kinds/told.js';
import type { Intent } from '../kinds/transaction-kind.js';

/** What a client wanted and everything that it was told, in order. */
export interface ClientRecord {
  readonly kind: string;
  readonly intent: Intent;
  readonly told: readonly Told[];
}

/** What the client who was told this knows for good. */
export function isOutcome({ kind }: Told): boolean {
  return kind === 'succeeded' || kind === 'failed' || kind === 'refused';
}

/** After this the coordinator owns the transaction: it must never be missing. */
export function isAcknowledged({ kind }: Told): boolean {
  return kind === 'succeeded' || kind === 'accepted' || kind === 'ongoing';
}
