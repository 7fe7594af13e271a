import { setTimeout as delay } from 'node:timers/promises';
import type { FaultReader } from './fault-reader.js';

/** How often the same is tried at once; beyond it the store is unavailable, and whoever asked may ask again. */
const attemptsMax = 10;
/** After a lost connection a new one is tried, in case that it was only this one. */
const attemptsWithoutReplyMax = 3;
const firstDelayMs = 2;
const delayMaxMs = 250;
/** What took so long has been waited for: it is not begun again. */
const elapsedMaxMs = 5_000;

export interface RetryOptions {
  /**
   * Whether it may run again although a first run may have been applied: writes with tokens and reads may, a
   * compare-and-set without a token may not.
   */
  readonly isRepeatable: boolean;
}

/** Runs `work` again after faults that pass at once, a bounded number of times. Rejects with `StoreError`. */
export async function retryFaults<T>(faults: FaultReader, options: RetryOptions, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isLast =
        attempt >= attemptsFor(faults.effectOf(error), options) || performance.now() - startedAt > elapsedMaxMs;
      if (isLast) throw faults.storeError(error);
      // Those who met once would meet again if they came back together.
      await delay(Math.min(delayMaxMs, firstDelayMs * 2 ** attempt) * Math.random());
    }
  }
}

function attemptsFor(effect: ReturnType<FaultReader['effectOf']>, { isRepeatable }: RetryOptions): number {
  switch (effect) {
    case 'rolled back':
      return attemptsMax;
    case 'unknown':
      return isRepeatable ? attemptsWithoutReplyMax : 1;
    case 'lasting':
      return 1;
  }
}
