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
export async function measureThroughput(
  { server, participants, folder, seconds, warmUpSeconds },
  scenario,
  connections,
) {
  const requests = scenario.requests(participants.url);
  const load = { url: server.baseUrl, requests, connections };
  const warmUp = await runLoad(folder, { ...load, seconds: warmUpSeconds, countsStatuses: true });
  const callsBefore = await participants.calls();
  const usageBefore = server.usage();
  const countersBefore = await storeCounters(server.baseUrl);
  const result = await runLoad(folder, { ...load, seconds });
  const countersAfter = await storeCounters(server.baseUrl);
  const usageAfter = server.usage();
  const calls = (await participants.calls()) - callsBefore;

  const transactions = result.requests / requests.length;
  const unexpected = scenario.isRefused === true ? result.requests - result.refused : result.refused;
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
