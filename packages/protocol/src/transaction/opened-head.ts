import type { GlobalStatus, Head } from './transaction.js';

/** The head that a new transaction starts with. */
export function openedHead(status: GlobalStatus, now: number, delayMs: number): Head {
  return {
    status,
    isPaused: false,
    createdAt: now,
    updatedAt: now,
    finishedAt: undefined,
    state: { reason: '', pauseReason: '', submittedAt: status === 'submitted' ? now : 0, delayMs, isForced: false },
  };
}
