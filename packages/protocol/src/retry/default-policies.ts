import type { MachineDefaults } from '../transaction/machine.js';
import type { TransactionType } from '../transaction/definition.js';

const base: MachineDefaults = {
  retry: { initialMs: 10_000, factor: 2, maxMs: 300_000, jitter: 0.1, limit: undefined, then: 'pause' },
  requestTimeoutMs: 3_000,
  timeoutToFailMs: 35_000,
  checkIntervalMs: 10_000,
  resumeTimeoutMs: 60_000,
};

/**
 * Defaults of each type: DTM's numbers (retry after 10 s, doubling; 3 s a call; first back-check after 35 s), with what
 * DTM lacks: a cap, so that an outage of an hour is followed by a retry within minutes, and a little jitter.
 */
export const defaultPolicies: Readonly<Record<TransactionType, MachineDefaults>> = {
  saga: { ...base, retry: { ...base.retry, then: 'rollback' }, timeoutToFailMs: 0 },
  msg: base,
  tcc: base,
  xa: base,
  workflow: { ...base, timeoutToFailMs: 0 },
};
