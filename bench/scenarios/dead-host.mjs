/** One host that takes calls and never answers, among many targets: does it slow the others? */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { submitMany } from '../load/submit-many.mjs';
import { runLoad } from '../load/wrk.mjs';
import { sagaRequest } from './transactions.mjs';

const defaultCount = 2_000;
const connections = 64;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function deadHost({ server, participants, folder, seconds, warmUpSeconds, count: asked }) {
  const count = asked > 0 ? asked : defaultCount;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const silentUrl = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  try {
    await server.start();
    const load = { url: server.baseUrl, requests: [sagaRequest(participants.url, 2)], connections };
    await runLoad(folder, { ...load, seconds: warmUpSeconds });
    const healthy = await runLoad(folder, { ...load, seconds });
    const stuck = sagaRequest(silentUrl, 2, undefined, false);
    await submitMany(server.baseUrl, () => stuck, count);
    const withDeadHost = await runLoad(folder, { ...load, seconds });
    return {
      connections,
      stuckOnDeadHost: count,
      perSecondBefore: healthy.perSecond,
      p99MsBefore: healthy.p99Ms,
      perSecond: withDeadHost.perSecond,
      p99Ms: withDeadHost.p99Ms,
      unexpectedAnswers: withDeadHost.refused + withDeadHost.socketErrors,
      ratio: withDeadHost.perSecond / healthy.perSecond,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
}
