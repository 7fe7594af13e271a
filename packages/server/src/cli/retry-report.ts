import { lineOf } from './text-table.js';
import type { Answer } from './server-client.js';

/** Why a retry would change nothing, from what a query answers; undefined where it may. */
export function whyNoRetry(queried: Answer): string | undefined {
  const { status, isPaused } = read(queried);
  if (status === 'succeed' || status === 'failed') return `it has ended (${status}), there is nothing to try again`;
  return isPaused ? 'it is paused, resume it first (tandem tx resume)' : undefined;
}

/** What a retry has brought about, from what queries answered before it and after it. */
export function retryReport(queriedBefore: Answer, queriedAfter: Answer): string {
  const before = read(queriedBefore);
  const after = read(queriedAfter);
  if (after.status === 'succeed' || after.status === 'failed') return `it has ended (${after.status})`;
  const isAsBefore = after.owner === '' && after.next !== '' && after.next === before.next;
  if (!isAsBefore) return 'is being tried again';
  return `is called at ${after.next}, as before: a message's first back-check and its delay are not brought forward`;
}

function read(queried: Answer) {
  const given = queried['transaction'];
  const tx = typeof given === 'object' && given !== null ? (given as Answer) : {};
  return {
    status: lineOf(tx['status']),
    isPaused: tx['is_paused'] === true,
    owner: lineOf(tx['owner']),
    next: lineOf(tx['next_cron_time']),
  };
}
