/** One node and two nodes on the same database and the same cores: what coordination costs. */
import { runLoad } from '../load/wrk.mjs';
import { costsEach, readCosts } from '../measure/costs.mjs';
import { median } from '../measure/median-run.mjs';
import { sagaRequest } from './transactions.mjs';

const defaultInFlight = 64;

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function twoNodes(setting) {
  const { server: first, runs, warmUpSeconds, count } = setting;
  const inFlight = count || defaultInFlight;
  const second = await setting.newServer();
  /** @type {Loaded[]} */
  const alone = [];
  /** @type {Loaded[]} */
  const together = [];
  await first.start();
  await loadOn(setting, [first], inFlight, warmUpSeconds);
  // In turns, since the machine may be slower a minute later.
  for (let run = 0; run < runs; run += 1) {
    alone.push(await loadOn(setting, [first], inFlight));
    await second.start();
    await loadOn(setting, [first, second], inFlight, warmUpSeconds);
    together.push(await loadOn(setting, [first, second], inFlight));
    await second.stop();
  }
  const oneNodePerSecond = median(alone.map(({ perSecond }) => perSecond));
  const twoNodesPerSecond = median(together.map(({ perSecond }) => perSecond));
  const all = [...alone, ...together];
  return {
    inFlight,
    oneNodePerSecond,
    twoNodesPerSecond,
    share: twoNodesPerSecond / oneNodePerSecond,
    oneNodeOfRuns: alone.map(({ perSecond }) => Math.round(perSecond)),
    twoNodesOfRuns: together.map(({ perSecond }) => Math.round(perSecond)),
    unexpectedAnswers: all.reduce((sum, { unexpectedAnswers }) => sum + unexpectedAnswers, 0),
    oneNodeCosts: alone.at(-1)?.costs,
    twoNodesCosts: together.at(-1)?.costs,
  };
}

/** @typedef {{ perSecond: number, unexpectedAnswers: number, costs: Record<string, number> }} Loaded */

/**
 * The same number in flight however many servers share it.
 * @param {import('./bench-setting.mjs').Setting} setting
 * @param {readonly import('../server/measured-server.mjs').MeasuredServer[]} servers
 * @param {number} inFlight
 * @param {number} [seconds]
 * @returns {Promise<Loaded>}
 */
async function loadOn(setting, servers, inFlight, seconds = setting.seconds) {
  const { folder, participants } = setting;
  const requests = [sagaRequest(participants.url, 2)];
  const connections = inFlight / servers.length;
  const costly = { ...setting, servers };
  const before = await readCosts(costly);
  const results = await Promise.all(
    servers.map(({ baseUrl }) => runLoad(folder, { url: baseUrl, requests, connections, seconds })),
  );
  const after = await readCosts(costly);
  const good = results.reduce((sum, { requests, refused }) => sum + requests - refused, 0);
  return {
    perSecond: results.reduce((sum, result) => sum + (result.requests - result.refused) / result.seconds, 0),
    unexpectedAnswers: results.reduce((sum, { refused, socketErrors }) => sum + refused + socketErrors, 0),
    costs: costsEach(before, after, good),
  };
}
