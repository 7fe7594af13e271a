/** Most connections that ungrouped writes may use; a store with fewer makes them wait. */
const writesAtOnceMax = 64;

/**
 * Limits with which every write goes to the engine alone, and many at once where the engine can.
 * @param {string} url of the store
 */
export function ungroupedLimits(url) {
  return { itemsMax: 1, batchesMax: url.startsWith('sqlite:') ? 1 : writesAtOnceMax };
}
