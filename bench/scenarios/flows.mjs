/** Transactions of several requests: TCC and workflows. */
import { runFlowLoad } from '../load/flow-load.mjs';
import { measureLoad } from '../measure/measure-load.mjs';
import { tccRequests, workflowRequests } from './transactions.mjs';

/** @type {Readonly<Record<string, { question: string, requests: (participantsUrl: string) => import('../load/wrk.mjs').Request[] }>>} */
export const flowScenarios = {
  tcc2: {
    question: 'TCCs of 2 branches: prepared, two registrations, submitted with wait_result, two confirms',
    requests: (url) => tccRequests(url, 2),
  },
  workflow10: {
    question: 'workflows: prepared, 10 recorded steps, submitted',
    requests: (url) => workflowRequests(url, 10),
  },
};

/**
 * @param {import('./bench-setting.mjs').Setting} setting
 * @param {{ requests: (participantsUrl: string) => import('../load/wrk.mjs').Request[] }} scenario
 * @param {number} connections
 */
export function measureFlow(setting, scenario, connections) {
  const requests = scenario.requests(setting.participants.url);
  return measureLoad(setting, {
    connections,
    requestsEach: requests.length,
    isRefused: false,
    run: (seconds) => runFlowLoad({ url: setting.server.baseUrl, requests, connections, seconds }),
    calls: () => setting.participants.calls(),
  });
}
