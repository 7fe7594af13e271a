/**
 * Does what has finished cost memory? A million finished transactions, and the process's resident set: with an empty store,
 * when it starts on them, after serving load beside them, and after a restart.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { runLoad } from '../load/wrk.mjs';
import { sagaRequest } from './transactions.mjs';

const defaultCount = 1_000_000;
const connections = 64;
const loadToFillSeconds = 10;
const settleMs = 5_000;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function memory({ server, participants, folder, seconds, warmUpSeconds, count: asked, isOurs }) {
  const count = asked > 0 ? asked : defaultCount;
  const request = sagaRequest(participants.url, 2);
  const load = { url: server.baseUrl, requests: [request], connections };
  const settled = async () => {
    await delay(settleMs);
    return server.usage().rssBytes;
  };
  const served = async () => {
    const warmUp = await runLoad(folder, { ...load, seconds: warmUpSeconds });
    const { requests, refused, perSecond, p99Ms } = await runLoad(folder, { ...load, seconds });
    return { finished: warmUp.requests - warmUp.refused + requests - refused, perSecond, p99Ms };
  };

  await server.start();
  const rssEmptyBytes = await settled();
  const onEmpty = await served();
  const rssEmptyAfterLoadBytes = await settled();
  const fillStartedAt = performance.now();
  const filled = isOurs ? await seed() : await fillByLoad();
  const fillSeconds = (performance.now() - fillStartedAt) / 1000;
  const startMs = await server.start();
  const rssStartedBytes = await settled();
  const beside = await served();
  const rssAfterLoadBytes = await settled();
  const rssPeakBytes = server.usage().rssPeakBytes;
  await server.stop();
  const restartMs = await server.start();
  const rssAfterRestartBytes = await settled();
  return {
    finished: onEmpty.finished + filled + beside.finished,
    filledBy: isOurs ? 'writing into the store' : 'load',
    fillSeconds,
    rssEmptyBytes,
    rssEmptyAfterLoadBytes,
    perSecondEmpty: onEmpty.perSecond,
    startMs,
    rssStartedBytes,
    perSecond: beside.perSecond,
    p99Ms: beside.p99Ms,
    rssAfterLoadBytes,
    rssPeakBytes,
    restartMs,
    rssAfterRestartBytes,
  };

  async function seed() {
    await server.stop();
    // Not before: it needs what is built, and a tree may be measured that was not built when this file was read.
    const { seededGid, seedFinished } = await import('../load/seed-finished.mjs');
    await seedFinished(server.dataFolder, request, count);
    await server.start();
    const answer = await fetch(`${server.baseUrl}/api/dtmsvr/query?gid=${seededGid(count - 1)}`);
    /** @type {{ transaction?: { status?: string } | null }} */
    const { transaction } = JSON.parse(await answer.text());
    if (transaction?.status !== 'succeed') throw new Error('the server does not see what was seeded');
    await server.stop();
    return count;
  }

  /** Any other server is filled as its users would do it, however long that takes. */
  async function fillByLoad() {
    let finished = 0;
    while (finished < count) {
      const result = await runLoad(folder, { ...load, connections: 256, seconds: loadToFillSeconds });
      finished += result.requests - result.refused;
    }
    await server.stop();
    return finished;
  }
}
