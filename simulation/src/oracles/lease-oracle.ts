import type { Draw } from '../draw/draw.js';
import type { Ledger } from './ledger.js';

/** What may keep a node from renewing a lease in time. */
const disturbing = new Set(['freeze', 'clockJump', 'storeDown', 'stop']);

/** Why a lease must not have been lost; undefined: something may explain it. */
export function lostLeaseProblem({ store, incidents }: Draw, ledger: Ledger, gid: string): string | undefined {
  const { slow, failBefore, loseReply, splitBatch, refuse, lateClaims } = store;
  if (slow + failBefore + loseReply + splitBatch + refuse + lateClaims > 0) return undefined;
  if (incidents.some(({ kind }) => disturbing.has(kind))) return undefined;
  // Whoever ends it at another node takes the lease away with the end.
  const record = ledger.of(gid);
  return record === undefined || record.end !== undefined
    ? undefined
    : 'lost, though nothing kept it from being renewed';
}
