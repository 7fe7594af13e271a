import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../test/support/seeded-random.js';
import { limits } from '../transaction/limits.js';
import {
  afterUnclear,
  afterUnclearWhenDecided,
  isUsedUp,
  ongoingWaitMs,
  resolveRetry,
  retryWaitMs,
} from './retry-engine.js';
import type { RetryPolicy } from './retry-policy.js';

const policy: RetryPolicy = { initialMs: 100, factor: 2, maxMs: 1000, jitter: 0, limit: undefined, then: 'rollback' };

function anyPolicy(random: SeededRandom): RetryPolicy {
  const initialMs = 1 + random.below(100_000);
  return {
    initialMs,
    factor: 1 + random.share() * 9,
    maxMs: initialMs + random.below(10_000_000),
    jitter: random.share(),
    limit: random.flag() ? undefined : random.below(20),
    then: random.pick(['rollback', 'pause', 'fail']),
  };
}

describe('waits between calls', () => {
  test('grow by the factor up to the cap', () => {
    expect([1, 2, 3, 4, 5, 6].map((attempts) => retryWaitMs(policy, attempts, 'g'))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
  });

  test('stay within jitter and cap, are never zero, and repeat for the same seed', () => {
    const random = new SeededRandom(1);
    for (let round = 0; round < 20_000; round += 1) {
      const any = anyPolicy(random);
      const attempts = 1 + random.below(2_000);
      const seed = random.text(10);
      const wait = retryWaitMs(any, attempts, seed);
      const most = retryWaitMs({ ...any, jitter: 0 }, attempts, seed);
      expect(wait).toBe(retryWaitMs(any, attempts, seed));
      expect(wait).toBeGreaterThanOrEqual(1);
      expect(wait).toBeLessThanOrEqual(most);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(most * (1 - any.jitter)));
      expect(most).toBeLessThanOrEqual(any.maxMs);
      expect(Number.isSafeInteger(wait)).toBe(true);
    }
  });

  test('spread evenly over the jitter, so that a crowd that failed together does not come back together', () => {
    const waits = Array.from({ length: 10_000 }, (_, at) =>
      retryWaitMs({ ...policy, jitter: 1 }, 5, `gid-${String(at)}`),
    );
    const tenths = new Array<number>(10).fill(0);
    for (const wait of waits)
      tenths[Math.min(9, Math.floor(wait / 100))] = (tenths[Math.min(9, Math.floor(wait / 100))] ?? 0) + 1;
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(200);
  });

  test('after an ongoing answer are the initial interval', () => {
    expect(ongoingWaitMs(policy)).toBe(100);
    expect(ongoingWaitMs({ ...policy, initialMs: Number.MAX_SAFE_INTEGER, maxMs: Infinity })).toBe(
      limits.durationMsMax,
    );
  });
});

describe('a limit of N', () => {
  test('bears N unclear answers', () => {
    expect([1, 2, 3].map((attempts) => isUsedUp({ ...policy, limit: 2 }, attempts))).toEqual([false, false, true]);
    expect(isUsedUp({ ...policy, limit: 0 }, 1)).toBe(true);
    expect(isUsedUp(policy, 1_000_000)).toBe(false);
  });

  test('ends as the policy says, and after a decision at most in a pause', () => {
    const random = new SeededRandom(2);
    for (let round = 0; round < 1_000; round += 1) {
      const any = anyPolicy(random);
      const attempts = 1 + random.below(30);
      expect(afterUnclear(any, attempts)).toBe(isUsedUp(any, attempts) ? any.then : 'again');
      expect(['again', 'pause']).toContain(afterUnclearWhenDecided(any, attempts));
    }
    expect(afterUnclearWhenDecided({ ...policy, limit: 0, then: 'fail' }, 1)).toBe('pause');
    expect(afterUnclearWhenDecided({ ...policy, limit: 0, then: 'rollback' }, 1)).toBe('again');
  });
});

describe('the policy of a transaction', () => {
  test('is what it asked for, over the defaults', () => {
    expect(resolveRetry({}, policy)).toEqual(policy);
    expect(resolveRetry({ limit: 3, jitter: 0.5 }, policy)).toEqual({ ...policy, limit: 3, jitter: 0.5 });
  });

  test('is not capped below the interval that it asked for', () => {
    expect(resolveRetry({ initialMs: 5000 }, policy)).toMatchObject({ initialMs: 5000, maxMs: 5000 });
  });
});
