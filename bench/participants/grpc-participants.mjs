/** gRPC participants in a process of their own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('grpc-participants-process.mjs', import.meta.url));

/**
 * @typedef {object} GrpcParticipants
 * @property {string} address
 * @property {() => Promise<number>} calls answered since the start
 * @property {() => void} stop
 */

/** @returns {Promise<GrpcParticipants>} */
export async function startGrpcParticipants() {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  const address = await next();
  return {
    address,
    async calls() {
      child.stdin.write('\n');
      return Number(await next());
    },
    stop: () => child.stdin.end(),
  };
}
