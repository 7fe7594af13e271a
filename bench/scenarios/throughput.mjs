/** Scenarios that answer "how many per second, how long each, at what cost", one run for each number in flight. */
import { runLoad } from '../load/wrk.mjs';
import { storeCounters } from '../server/store-counters.mjs';
import { messagePrepare, messageSubmit, sagaRequest } from './transactions.mjs';

/**
 * @typedef {object} ThroughputScenario
 * @property {string} question
 * @property {(participantsUrl: string) => import('../load/wrk.mjs').Request[]} requests
 * @property {boolean} [isRefused] the final answer is 409, as it should be
 */

/** @type {Readonly<Record<string, ThroughputScenario>>} */
export const throughputScenarios = {
  saga2: { question: 'sagas of 2 steps', requests: (url) => [sagaRequest(url, 2)] },
  saga10: { question: 'sagas of 10 steps', requests: (url) => [sagaRequest(url, 10)] },
  rollback: {
    question: 'sagas of 2 steps, the second refused, both compensated',
    requests: (url) => [sagaRequest(url, 2, 2)],
    isRefused: true,
  },
  message: { question: 'messages of 1 step, submitted', requests: (url) => [messageSubmit(url)] },
  'message-prepared': {
    question: 'messages of 1 step, prepared, then submitted',
    requests: (url) => [messagePrepare(url), messageSubmit(url)],
  },
};

/**
 * @param {import('./bench-setting.mjs').Setting} setting
 * @param {ThroughputScenario} scenario
 * @param {number} connections
 */
export async function measureThroughput(setting, scenario, connections) {
  const { server, participants, folder } = setting;
  const requests = scenario.requests(participants.url);
  const load = { url: server.baseUrl, requests, connections };
  return measureLoad(setting, {
    connections,
    requestsEach: requests.length,
    isRefused: scenario.isRefused === true,
    run: (seconds, countsStatuses) => runLoad(folder, { ...load, seconds, countsStatuses }),
    calls: () => participants.calls(),
  });
}

/**
 * @typedef {object} MeasuredLoad
 * @property {number} connections
 * @property {number} requestsEach of one transaction
 * @property {boolean} isRefused
 * @property {(seconds: number, countsStatuses: boolean) => Promise<import('../load/wrk.mjs').LoadResult>} run
 * @property {() => Promise<number>} calls that the participants have answered
 */

/**
 * One warm-up, one measured run, and what it cost.
 * @param {import('./bench-setting.mjs').Setting} setting
 * @param {MeasuredLoad} load
 */
export async function measureLoad(
  { server, seconds, warmUpSeconds },
  { connections, requestsEach, isRefused, run, calls: callsOf },
) {
  const warmUp = await run(warmUpSeconds, true);
  const callsBefore = await callsOf();
  const usageBefore = server.usage();
  const countersBefore = await storeCounters(server.baseUrl);
  const result = await run(seconds, false);
  const countersAfter = await storeCounters(server.baseUrl);
  const usageAfter = server.usage();
  const calls = (await callsOf()) - callsBefore;

  const transactions = result.requests / requestsEach;
  const unexpected = isRefused ? result.requests - result.refused : result.refused;
  return {
    connections,
    transactions,
    perSecond: transactions / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    maxMs: result.maxMs,
    unexpectedAnswers: unexpected + result.socketErrors,
    statusesInWarmUp: warmUp.statuses,
    branchCallsPerTransaction: calls / transactions,
    cpuSecondsPer1000: ((usageAfter.cpuSeconds - usageBefore.cpuSeconds) / transactions) * 1000,
    rssBytes: usageAfter.rssBytes,
    ...(countersBefore === undefined || countersAfter === undefined
      ? {}
      : {
          commitsPerTransaction: (countersAfter.writes - countersBefore.writes) / transactions,
          syncsPerTransaction: (countersAfter.syncs - countersBefore.syncs) / transactions,
        }),
  };
}
