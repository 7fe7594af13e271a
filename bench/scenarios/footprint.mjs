/** What the server costs when it does nothing: resident memory, CPU, time to the first served request. */
import { setTimeout as delay } from 'node:timers/promises';

const settleMs = 5_000;
const idleMs = 20_000;
const starts = 5;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function footprint({ server }) {
  const startTimes = [];
  for (let index = 0; index < starts; index += 1) {
    if (index > 0) await server.stop();
    startTimes.push(await server.start());
  }
  await delay(settleMs);
  const before = server.usage();
  await delay(idleMs);
  const after = server.usage();
  return {
    startToFirstRequestMsMedian: [...startTimes].sort((a, b) => a - b)[Math.floor(starts / 2)],
    startToFirstRequestMsFirst: startTimes[0],
    idleRssBytes: after.rssBytes,
    idleCpuPercent: ((after.cpuSeconds - before.cpuSeconds) / (idleMs / 1000)) * 100,
  };
}
