/** Scenarios that answer "how many per second, how long each, at what cost", one run for each number in flight. */
import { runLoad } from '../load/wrk.mjs';
import { measureLoad } from '../measure/measure-load.mjs';
import { messageAbort, messagePrepare, messageSubmit, sagaRequest } from './transactions.mjs';

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
  'message-aborted': {
    question: 'messages of 1 step, prepared, then aborted',
    requests: (url) => [messagePrepare(url), messageAbort()],
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
