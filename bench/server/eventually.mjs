import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until the answer is yes; an error counts as no. Answers the milliseconds that it took.
 * @param {string} what named when time runs out
 * @param {number} limitMs
 * @param {() => Promise<boolean>} isTrue
 * @param {number} [intervalMs]
 */
export async function eventually(what, limitMs, isTrue, intervalMs = 20) {
  const startedAt = performance.now();
  /** @type {unknown} */
  let lastError;
  for (;;) {
    try {
      if (await isTrue()) return performance.now() - startedAt;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() - startedAt > limitMs) {
      throw new Error(`not within ${limitMs} ms: ${what}`, { cause: lastError });
    }
    await delay(intervalMs);
  }
}
