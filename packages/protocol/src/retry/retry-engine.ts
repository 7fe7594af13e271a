/**
 * When a call is tried again, and when no more.
 *
 * R1. Deterministic: the same policy, attempts and seed give the same wait; jitter is a hash, not a die.
 * R2. No wait exceeds the policy's maximum, and none is zero: a failing branch never spins.
 * R3. An "ongoing" answer waits the initial interval and does not count.
 * R4. A limit of N bears N unclear answers: N + 1 calls.
 */
import { limits } from '../transaction/limits.js';
import type { RetryPolicy } from './retry-policy.js';

/** The policy of one transaction: what it asked for over the defaults of its type. */
export function resolveRetry(asked: Partial<RetryPolicy>, defaults: RetryPolicy): RetryPolicy {
  const initialMs = asked.initialMs ?? defaults.initialMs;
  return {
    initialMs,
    factor: asked.factor ?? defaults.factor,
    // Somebody who asks for one long interval means it: the default cap does not shorten it.
    maxMs: Math.max(initialMs, asked.maxMs ?? defaults.maxMs),
    jitter: asked.jitter ?? defaults.jitter,
    limit: asked.limit ?? defaults.limit,
    then: asked.then ?? defaults.then,
  };
}

/** Wait in ms after the `attempts`-th unclear answer (1 is the first). The seed names the call: gid, branch and operation. */
export function retryWaitMs(policy: RetryPolicy, attempts: number, seed: string): number {
  const cap = Math.min(policy.maxMs, limits.durationMsMax);
  const grown = Math.min(cap, policy.initialMs * Math.pow(policy.factor, Math.max(0, attempts - 1)));
  const share = policy.jitter * hashShare(`${seed} ${String(attempts)}`);
  return Math.max(1, Math.round(grown * (1 - share)));
}

/** Wait in ms after an "ongoing" answer. */
export function ongoingWaitMs(policy: RetryPolicy): number {
  return Math.max(1, Math.min(policy.initialMs, policy.maxMs, limits.durationMsMax));
}

/** What to do when `attempts` unclear answers have come before anything is decided. */
export function afterUnclear(policy: RetryPolicy, attempts: number): 'again' | RetryPolicy['then'] {
  return isUsedUp(policy, attempts) ? policy.then : 'again';
}

/** The same once the outcome is decided: going on or pausing, never ending. */
export function afterUnclearWhenDecided(policy: RetryPolicy, attempts: number): 'again' | 'pause' {
  return policy.then !== 'rollback' && isUsedUp(policy, attempts) ? 'pause' : 'again';
}

/** Whether more unclear answers have come than the policy bears. */
export function isUsedUp(policy: RetryPolicy, attempts: number): boolean {
  return policy.limit !== undefined && attempts > policy.limit;
}

/** FNV-1a with a final mix, as a number from 0 to 1 (1 excluded). */
function hashShare(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
