/** Load on a store alone, from a process of its own. */
import { fileURLToPath } from 'node:url';
import { runCaptured } from '../../scripts/processes/run-captured.mjs';

const program = fileURLToPath(new URL('store-load-process.mjs', import.meta.url));

/**
 * @typedef {object} StoreLoad
 * @property {string} url
 * @property {number} inFlight sagas
 * @property {number} seconds
 * @property {number} warmUpSeconds
 * @property {Partial<import('@tandem/store').BatchLimits>} limits where others than the store's own
 *
 * @typedef {object} StoreLoadResult
 * @property {number} transactions
 * @property {number} transactionsWithWarmUp
 * @property {number} perSecond sagas
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number} itemsPerBatch
 * @property {number} cpuSecondsPer1000
 */

/** @param {StoreLoad} load @returns {Promise<StoreLoadResult>} */
export async function runStoreLoad(load) {
  return JSON.parse(await runCaptured(process.execPath, [program], { input: JSON.stringify(load) }));
}
