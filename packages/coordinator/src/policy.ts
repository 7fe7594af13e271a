import { defaultPolicies } from '@tandem/protocol';
import type { CoordinatorPolicy } from './coordinator-api.js';

/** What holds where a user says nothing; docs/configuration.md names the settings. */
export const defaultPolicy: CoordinatorPolicy = {
  types: {
    saga: { ...defaultPolicies.saga, runningMax: 3072 },
    msg: { ...defaultPolicies.msg, runningMax: 3072 },
    tcc: { ...defaultPolicies.tcc, runningMax: 3072 },
    xa: { ...defaultPolicies.xa, runningMax: 3072 },
    workflow: { ...defaultPolicies.workflow, runningMax: 3072 },
  },
  leaseMs: 15_000,
  skewMs: 2_000,
  runningMax: 3072,
  pendingWritesMax: 20_000,
  callsPerTargetMax: 256,
  // With the calls above a quarter of what may run: one slow target leaves room for the others.
  queuePerTargetMax: 512,
  breakerFailures: 8,
  breakerOpenMs: 2_000,
  claimMax: 256,
  claimIntervalMs: 3_000,
  retentionMs: 7 * 24 * 3600 * 1000,
  purgeIntervalMs: 10_000,
  purgeBatch: 100,
};

/** Fills in what a user left out. */
export function resolvePolicy(given: Partial<CoordinatorPolicy> | undefined): CoordinatorPolicy {
  return { ...defaultPolicy, ...given };
}
