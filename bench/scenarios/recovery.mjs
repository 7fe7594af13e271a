/** 20,000 unfinished transactions, a kill -9, and how fast they finish once the participants are back. */
import { setTimeout as delay } from 'node:timers/promises';
import { countByStatus, submitMany } from '../load/submit-many.mjs';
import { eventually } from '../server/eventually.mjs';
import { sagaRequest } from './transactions.mjs';

const defaultCount = 20_000;
const steps = 2;
const finishLimitMs = 300_000;
const leaseLimitMs = 60_000;
/** Most that one call of `resetCronTime` wakes; Tandem takes no more than 1,000, DTM any number. */
const wakeLimit = 1_000;
/** How long the restarted server is left to load what it will before its memory is read. */
const settleMs = 3_000;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function recovery({ server, participants, count: asked }) {
  const count = asked > 0 ? asked : defaultCount;
  await server.start();
  await participants.stop();
  const rssEmptyBytes = server.usage().rssBytes;
  const submitStartedAt = performance.now();
  const saga = sagaRequest(participants.url, steps, undefined, false);
  const gids = await submitMany(server.baseUrl, () => saga, count);
  const submitSeconds = (performance.now() - submitStartedAt) / 1000;
  await server.kill();

  const startMs = await server.start();
  await delay(settleMs);
  const rssUnfinishedBytes = server.usage().rssBytes;
  await participants.start();
  const usageBefore = server.usage();
  const wokenAt = performance.now();
  await wakeAll(server.baseUrl, count);
  // Each transaction makes at least one call a step; what matters in the end is what the server says of each.
  /** @type {Record<string, number>} */
  const secondsToShareOfCalls = {};
  for (const share of [0.5, 0.9, 0.99, 1]) {
    const enough = async () => (await participants.calls()) >= count * steps * share;
    await eventually(`${share} of all calls made`, finishLimitMs, enough);
    secondsToShareOfCalls[share] = Number(((performance.now() - wokenAt) / 1000).toFixed(2));
  }
  let statuses = {};
  await eventually('all finished', finishLimitMs, async () => {
    statuses = await countByStatus(server.baseUrl, gids.slice(-1000));
    return Object.keys(statuses).join() === 'succeed';
  });
  const seconds = (performance.now() - wokenAt) / 1000;
  const usageAfter = server.usage();
  // What the killed server was just about to call it still holds by a lease, where others could share its store.
  await eventually('those with a lease finished, too', leaseLimitMs, async () => {
    statuses = await countByStatus(server.baseUrl, gids);
    return Object.keys(statuses).join() === 'succeed';
  });
  return {
    unfinished: count,
    submitsPerSecond: count / submitSeconds,
    startAfterKillMs: startMs,
    perSecond: count / seconds,
    seconds,
    secondsToShareOfCalls,
    cpuSecondsPer1000: ((usageAfter.cpuSeconds - usageBefore.cpuSeconds) / count) * 1000,
    rssEmptyBytes,
    rssUnfinishedBytes,
    rssPeakBytes: usageAfter.rssPeakBytes,
    secondsToAll: (performance.now() - wokenAt) / 1000,
    statuses,
  };
}

/**
 * Wakes what waits, as an operator would after an outage: the same calls for every server, in portions that each takes. What
 * is due within a second needs no wake, and what a call has just woken is not woken by the next.
 * @param {string} baseUrl @param {number} count
 */
async function wakeAll(baseUrl, count) {
  // DTM finds those that it has taken up meanwhile among what waits; without an end that would be woken again and again.
  for (let calls = 0; calls < 2 * Math.ceil(count / wakeLimit); calls += 1) {
    const response = await fetch(`${baseUrl}/api/dtmsvr/resetCronTime?timeout=1&limit=${wakeLimit}`);
    if (!response.ok) throw new Error(`resetCronTime answered ${response.status}`);
    /** @type {{ has_remaining?: boolean }} */
    const { has_remaining: hasRemaining } = JSON.parse(await response.text());
    if (hasRemaining !== true) return;
  }
}
