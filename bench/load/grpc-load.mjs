/** Load by gRPC, from a process of its own. */
import { fileURLToPath } from 'node:url';
import { runCaptured } from '../../scripts/processes/run-captured.mjs';

const program = fileURLToPath(new URL('grpc-load-process.mjs', import.meta.url));

/**
 * @typedef {object} GrpcLoad
 * @property {string} address of the server's gRPC API
 * @property {string} participants their address
 * @property {number} steps of each saga
 * @property {number} connections sagas in flight; they share one connection, as in DTM's Go SDK
 * @property {number} seconds
 */

/**
 * One bounded run of sagas, submitted with `WaitResult`.
 * @param {GrpcLoad} load
 * @returns {Promise<import('./wrk.mjs').LoadResult>}
 */
export async function runGrpcLoad({ address, participants, steps, connections, seconds }) {
  const args = [program, address, participants, String(steps), String(connections), String(seconds)];
  const result = JSON.parse(await runCaptured(process.execPath, args));
  return { ...result, perSecond: result.requests / result.seconds, socketErrors: 0, statuses: {} };
}
