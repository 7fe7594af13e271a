/** Load by transactions of several requests that depend on each other, from a process of its own: wrk cannot keep their order. */
import { fileURLToPath } from 'node:url';
import { runCaptured } from '../../scripts/processes/run-captured.mjs';

const program = fileURLToPath(new URL('flow-load-process.mjs', import.meta.url));

/**
 * @typedef {object} FlowLoad
 * @property {string} url
 * @property {readonly import('./wrk.mjs').Request[]} requests of one transaction, in their order
 * @property {number} connections transactions in flight
 * @property {number} seconds
 */

/**
 * One bounded run; times are those of whole transactions.
 * @param {FlowLoad} load
 * @returns {Promise<import('./wrk.mjs').LoadResult>}
 */
export async function runFlowLoad(load) {
  const result = JSON.parse(await runCaptured(process.execPath, [program], { input: JSON.stringify(load) }));
  return { ...result, perSecond: result.requests / result.seconds };
}
