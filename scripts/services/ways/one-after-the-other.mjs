/** @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * Runs `fetch` when those before it have ended. Services are provided side by side, and some have their programs from the same
 * packages; apt keeps one lock for all.
 * @template T
 * @param {() => Promise<T>} fetch
 * @returns {Promise<T>}
 */
export function oneAfterTheOther(fetch) {
  const result = last.then(fetch, fetch);
  last = result.catch(() => undefined);
  return result;
}
