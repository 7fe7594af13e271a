import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyPolicy } from '../../test/support/arbitraries.js';
import { message, plainDefaults, saga } from '../../test/support/definitions.js';
import { DrivenTransaction } from '../../test/support/driven-transaction.js';
import { limits } from '../transaction/limits.js';
import { afterUnclear, afterUnclearWhenDecided, isUsedUp, resolveRetry, retryWaitMs } from './retry-engine.js';

const attempts = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));

describe('any policy', () => {
  test('waits a whole number of ms, from 1 to its maximum, whatever it is multiplied by', () => {
    fc.assert(
      fc.property(anyPolicy, attempts, fc.string(), (policy, count, seed) => {
        const wait = retryWaitMs(policy, count, seed);
        expect(Number.isSafeInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(1);
        expect(wait).toBeLessThanOrEqual(Math.min(policy.maxMs, limits.durationMsMax));
      }),
      { numRuns: 5_000 },
    );
  });

  test('without jitter never waits less than before, and stays at its maximum', () => {
    fc.assert(
      fc.property(anyPolicy, attempts, fc.string(), (policy, count, seed) => {
        const plain = { ...policy, jitter: 0 };
        const [wait, next] = [retryWaitMs(plain, count, seed), retryWaitMs(plain, count + 1, seed)];
        expect(next).toBeGreaterThanOrEqual(wait);
        if (wait === policy.maxMs) expect(next).toBe(wait);
        if (count === 1) expect(wait).toBe(Math.min(policy.initialMs, limits.durationMsMax));
      }),
      { numRuns: 5_000 },
    );
  });

  test('takes off no more than its jitter', () => {
    fc.assert(
      fc.property(anyPolicy, attempts, fc.string(), (policy, count, seed) => {
        const most = retryWaitMs({ ...policy, jitter: 0 }, count, seed);
        const wait = retryWaitMs(policy, count, seed);
        expect(wait).toBeLessThanOrEqual(most);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(most * (1 - policy.jitter)));
      }),
      { numRuns: 5_000 },
    );
  });

  test('bears exactly as many unclear answers as its limit, and then does what it says', () => {
    fc.assert(
      fc.property(anyPolicy, fc.integer({ min: 1, max: 60 }), (policy, count) => {
        const isOver = policy.limit !== undefined && count > policy.limit;
        expect(isUsedUp(policy, count)).toBe(isOver);
        expect(afterUnclear(policy, count)).toBe(isOver ? policy.then : 'again');
        expect(afterUnclearWhenDecided(policy, count)).toBe(isOver && policy.then !== 'rollback' ? 'pause' : 'again');
      }),
    );
  });

  test('asked for over another is whole, and not capped below its own first wait', () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (asked, defaults) => {
        const { maxMs, ...uncapped } = asked;
        const policy = resolveRetry(
          uncapped.limit === undefined ? withoutLimit(uncapped) : { ...uncapped, limit: uncapped.limit },
          defaults,
        );
        expect(policy.initialMs).toBe(asked.initialMs);
        expect(policy.maxMs).toBe(Math.max(asked.initialMs, defaults.maxMs));
        expect(policy.limit).toBe(asked.limit ?? defaults.limit);
        expect(maxMs).toBeGreaterThanOrEqual(asked.initialMs);
      }),
    );
  });
});

function withoutLimit<Policy extends { limit: number | undefined }>({
  limit,
  ...policy
}: Policy): Omit<Policy, 'limit'> {
  expect(limit).toBeUndefined();
  return policy;
}

describe('an unclear answer under any policy', () => {
  const definitions = [saga(['ac', 'ac']), message(['http://a', 'http://b'])];
  const cases = fc.tuple(fc.constantFrom(...definitions), anyPolicy, fc.integer({ min: 1, max: 12 }));

  test('is followed by a call when its wait is over, not a millisecond earlier, until the limit', () => {
    fc.assert(
      fc.property(cases, ([definition, policy, rounds]) => {
        const run = new DrivenTransaction(definition, { ...plainDefaults, retry: policy });
        for (let attempt = 1; attempt <= rounds; attempt += 1) {
          expect(run.calls()).toEqual(['01 action']);
          run.answers('01 action', 'unknown', 'lost');
          // The limit is another matter; what it leads to has no wait.
          if (isUsedUp(policy, attempt)) return;
          const dueAt = run.now + retryWaitMs(policy, attempt, 'g 01 action');
          expect(run.wakeAt()).toBe(dueAt);
          run.now = dueAt - 1;
          expect(run.calls()).toEqual([]);
          expect(run.answers('01 action', 'unknown', 'late').kind).toBe('unchanged');
          run.now = dueAt;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('that is ongoing waits the first wait, and does not count', () => {
    fc.assert(
      fc.property(cases, ([definition, policy, rounds]) => {
        const run = new DrivenTransaction(definition, { ...plainDefaults, retry: policy });
        for (let round = 0; round < rounds; round += 1) {
          run.answers('01 action', 'ongoing', 'busy');
          expect(run.wakeAt()).toBe(run.now + Math.min(policy.initialMs, limits.durationMsMax));
          run.now = run.wakeAt() ?? 0;
        }
        expect(run.tx.rows.get('01 action')?.attempts).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
