/** What work costs, apart for the servers, the engine and the load: readings before and after, and their difference. */
import { ownCpuSeconds } from '../server/process-usage.mjs';
import { storeCounters } from '../server/store-counters.mjs';

/**
 * @typedef {object} Costs sums since the start
 * @property {number} serverCpuSeconds
 * @property {number} mainThreadCpuSeconds of the servers
 * @property {number | undefined} engineCpuSeconds
 * @property {number} loadCpuSeconds load generators that have ended, and participants
 * @property {{ writes: number, syncs: number } | undefined} store as the servers tell
 * @property {import('../engines/engine.mjs').Counters | undefined} engine
 *
 * @typedef {object} Costly
 * @property {readonly import('../server/measured-server.mjs').MeasuredServer[]} servers
 * @property {import('../engines/measured-engine.mjs').MeasuredEngine | undefined} engine
 * @property {import('../participants/nginx.mjs').Participants} participants
 */

/** @param {Costly} costly @returns {Promise<Costs>} */
export async function readCosts({ servers, engine, participants }) {
  const counters = await Promise.all(servers.map(({ baseUrl }) => storeCounters(baseUrl)));
  const ofEngine = await engine?.counters();
  const usages = servers.map((server) => server.usage());
  return {
    serverCpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    mainThreadCpuSeconds: usages.reduce((sum, { mainThreadCpuSeconds }) => sum + mainThreadCpuSeconds, 0),
    engineCpuSeconds: engine?.usage().cpuSeconds,
    loadCpuSeconds: ownCpuSeconds() + participants.cpuSeconds(),
    store: counters.reduce(plus),
    engine: ofEngine,
  };
}

/** @typedef {{ writes: number, syncs: number } | undefined} StoreCounters */

/** @param {StoreCounters} one @param {StoreCounters} other @returns {StoreCounters} */
function plus(one, other) {
  if (one === undefined || other === undefined) return undefined;
  return { writes: one.writes + other.writes, syncs: one.syncs + other.syncs };
}

/**
 * What each of so many transactions cost between two readings, as figures of a result.
 * @param {Costs} before @param {Costs} after @param {number} transactions
 * @returns {Record<string, number>}
 */
export function costsEach(before, after, transactions) {
  const per1000 = (/** @type {number} */ seconds) => (seconds / transactions) * 1000;
  /** @type {Record<string, number>} */
  const figures = {
    cpuSecondsPer1000: per1000(after.serverCpuSeconds - before.serverCpuSeconds),
    mainThreadCpuSecondsPer1000: per1000(after.mainThreadCpuSeconds - before.mainThreadCpuSeconds),
  };
  if (before.engineCpuSeconds !== undefined && after.engineCpuSeconds !== undefined) {
    figures['engineCpuSecondsPer1000'] = per1000(after.engineCpuSeconds - before.engineCpuSeconds);
  }
  figures['loadCpuSecondsPer1000'] = per1000(after.loadCpuSeconds - before.loadCpuSeconds);
  if (before.store !== undefined && after.store !== undefined) {
    figures['commitsPerTransaction'] = (after.store.writes - before.store.writes) / transactions;
    figures['syncsPerTransaction'] = (after.store.syncs - before.store.syncs) / transactions;
  }
  for (const [name, value] of Object.entries(after.engine ?? {})) {
    const grown = value - (before.engine?.[name] ?? Number.NaN);
    figures[`engine${name.charAt(0).toUpperCase()}${name.slice(1)}PerTransaction`] = grown / transactions;
  }
  return figures;
}
