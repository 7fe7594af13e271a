/** Grouped against ungrouped commits: the store alone, and the whole server. */
import { fileURLToPath } from 'node:url';
import { runStoreLoad } from '../store/store-load.mjs';
import { ungroupedLimits } from '../store/ungrouped.mjs';
import { measureThroughput, throughputScenarios } from './throughput.mjs';

const inFlightOfStore = [1, 64, 256, 1024];
const inFlightOfServer = [64, 256];
const limitedServer = fileURLToPath(new URL('../store/limited-server.mjs', import.meta.url));

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function groupedStore({ storeUrl, seconds, warmUpSeconds, engine }) {
  const figures = [];
  for (const inFlight of inFlightOfStore) {
    const load = { url: storeUrl, inFlight, seconds, warmUpSeconds };
    const grouped = await withEngineCpu(engine, () => runStoreLoad({ ...load, limits: {} }));
    const ungrouped = await withEngineCpu(engine, () => runStoreLoad({ ...load, limits: ungroupedLimits(storeUrl) }));
    figures.push({
      connections: inFlight,
      perSecond: grouped.perSecond,
      ungroupedPerSecond: ungrouped.perSecond,
      ratio: grouped.perSecond / ungrouped.perSecond,
      p50Ms: grouped.p50Ms,
      p99Ms: grouped.p99Ms,
      ungroupedP50Ms: ungrouped.p50Ms,
      ungroupedP99Ms: ungrouped.p99Ms,
      itemsPerBatch: grouped.itemsPerBatch,
      cpuSecondsPer1000: grouped.cpuSecondsPer1000,
      ungroupedCpuSecondsPer1000: ungrouped.cpuSecondsPer1000,
      ...(engine === undefined
        ? {}
        : {
            engineCpuSecondsPer1000: grouped.engineCpuSecondsPer1000,
            ungroupedEngineCpuSecondsPer1000: ungrouped.engineCpuSecondsPer1000,
          }),
    });
  }
  return figures;
}

/**
 * The engine's share, the warm-up's too: of as many transactions.
 * @param {import('../engines/measured-engine.mjs').MeasuredEngine | undefined} engine
 * @param {() => Promise<import('../store/store-load.mjs').StoreLoadResult>} run
 */
async function withEngineCpu(engine, run) {
  const before = engine?.usage().cpuSeconds ?? 0;
  const result = await run();
  const used = (engine?.usage().cpuSeconds ?? 0) - before;
  return { ...result, engineCpuSecondsPer1000: (used / result.transactionsWithWarmUp) * 1000 };
}

/** @param {import('./bench-setting.mjs').Setting} setting */
export async function groupedServer(setting) {
  const saga = throughputScenarios['saga2'];
  if (saga === undefined) throw new Error('no saga2');
  const limits = ungroupedLimits(setting.storeUrl);
  const ungrouped = await setting.newServer(`${process.execPath} ${limitedServer} '${JSON.stringify(limits)}'`);
  const figures = [];
  for (const connections of inFlightOfServer) {
    const of = async (/** @type {import('../server/measured-server.mjs').MeasuredServer} */ server) => {
      await server.start();
      const measured = await measureThroughput({ ...setting, server }, saga, connections);
      await server.stop();
      return measured;
    };
    const grouped = await of(setting.server);
    const alone = await of(ungrouped);
    /** @type {Record<string, unknown>} */
    const ungroupedFigures = alone;
    figures.push({
      ...grouped,
      ungroupedPerSecond: alone.perSecond,
      ungroupedP50Ms: alone.p50Ms,
      ungroupedP99Ms: alone.p99Ms,
      ratio: grouped.perSecond / alone.perSecond,
      ungroupedUnexpectedAnswers: alone.unexpectedAnswers,
      ungroupedCpuSecondsPer1000: ungroupedFigures['cpuSecondsPer1000'],
      ungroupedEngineCpuSecondsPer1000: ungroupedFigures['engineCpuSecondsPer1000'],
    });
  }
  return figures;
}
