import type { StoreChange, StoredHead } from '@tandem/store';
import { decodeHeadState } from '@tandem/protocol';
import type { Tally } from '../tally.js';
import type { LedgerRecord } from './ledger.js';

/** Counts the rare paths that show in what is stored. */
export function watchChange(
  tally: Tally,
  record: LedgerRecord,
  before: StoredHead | undefined,
  { head }: StoreChange,
): void {
  if (before === undefined) {
    const { steps, subscribers } = record.definition;
    if (Object.keys(subscribers).length > 0) tally.count('topicMessage');
    if (steps.some(({ isAsync }) => isAsync)) tally.count('asyncStep');
    return;
  }
  if (head.epoch > before.epoch && before.leaseUntil > 0 && before.leaseOwner !== head.leaseOwner)
    tally.count('takeover');
  if (head.waitsFor !== '' && head.leaseUntil === 0) tally.count('parked');
  if (head.isPaused && !before.isPaused) {
    const { pauseReason } = decodeHeadState(head.state);
    if (pauseReason.includes('no clear answer')) tally.count('pausedByLimit');
    if (pauseReason.includes('the store refuses')) tally.count('pausedByRefusal');
  }
  if (head.status === 'aborting' && before.status !== 'aborting') {
    tally.count('rolledBack');
    if (decodeHeadState(head.state).reason.startsWith('Timeout')) tally.count('deadlinePassed');
  }
  if (head.finishedAt !== undefined && before.finishedAt === undefined) {
    tally.count(head.status === 'succeed' ? 'finishedSuccess' : 'finishedFailure');
    if (head.type === 'workflow') tally.count(head.status === 'succeed' ? 'workflowSucceeded' : 'workflowFailed');
    if (head.type === 'tcc') tally.count(head.status === 'succeed' ? 'tccConfirmed' : 'tccCancelled');
  }
}
