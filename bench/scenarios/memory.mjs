/** Does what has finished cost memory? A million finished transactions, made by load, and the process's resident set. */
import { setTimeout as delay } from 'node:timers/promises';
import { runLoad } from '../load/wrk.mjs';
import { sagaRequest } from './transactions.mjs';

const defaultCount = 1_000_000;
const firstCount = 50_000;
const connections = 256;
const portionSeconds = 10;
const settleMs = 5_000;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function memory({ server, participants, folder, count: asked }) {
  const count = asked > 0 ? asked : defaultCount;
  await server.start();
  await delay(settleMs);
  const rssIdleBytes = server.usage().rssBytes;
  const load = { url: server.baseUrl, requests: [sagaRequest(participants.url, 2)], connections };
  let finished = 0;
  const loadUntil = async (/** @type {number} */ target) => {
    while (finished < target) {
      const result = await runLoad(folder, { ...load, seconds: portionSeconds });
      finished += result.requests - result.refused;
    }
    await delay(settleMs);
    return { finished, rssBytes: server.usage().rssBytes };
  };
  const first = await loadUntil(Math.min(firstCount, count));
  const last = await loadUntil(count);
  const rssPeakBytes = server.usage().rssPeakBytes;
  await server.stop();
  const startMs = await server.start();
  await delay(settleMs);
  return {
    rssIdleBytes,
    finishedAtFirst: first.finished,
    rssAtFirstBytes: first.rssBytes,
    finished: last.finished,
    rssBytes: last.rssBytes,
    rssPeakBytes,
    restartMs: startMs,
    rssAfterRestartBytes: server.usage().rssBytes,
  };
}
