/** Sagas by gRPC: submitted by gRPC, their branches called by gRPC. */
import { runGrpcLoad } from '../load/grpc-load.mjs';
import { measureLoad } from '../measure/measure-load.mjs';
import { startGrpcParticipants } from '../participants/grpc-participants.mjs';

/** @type {Readonly<Record<string, { question: string, steps: number }>>} */
export const grpcScenarios = {
  'grpc-saga2': { question: 'sagas of 2 steps by gRPC, their branches too', steps: 2 },
};

/**
 * @param {import('./bench-setting.mjs').Setting} setting
 * @param {{ steps: number }} scenario
 * @param {number} connections
 */
export async function measureGrpc(setting, { steps }, connections) {
  const participants = await startGrpcParticipants();
  try {
    const load = { address: setting.server.grpcAddress, participants: participants.address, steps, connections };
    return await measureLoad(setting, {
      connections,
      requestsEach: 1,
      isRefused: false,
      run: (seconds) => runGrpcLoad({ ...load, seconds }),
      calls: () => participants.calls(),
    });
  } finally {
    participants.stop();
  }
}
