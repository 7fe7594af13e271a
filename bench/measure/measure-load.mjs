import { costsEach, readCosts } from './costs.mjs';
import { medianRun } from './median-run.mjs';

/**
 * @typedef {object} MeasuredLoad
 * @property {number} connections
 * @property {number} requestsEach of one transaction
 * @property {boolean} isRefused the final answer is to be a refusal
 * @property {(seconds: number, countsStatuses: boolean) => Promise<import('../load/wrk.mjs').LoadResult>} run
 * @property {() => Promise<number>} calls that the participants have answered
 */

/**
 * One warm-up, the measured runs, and what they cost. Speed and times are those of the run in the middle; an answer of the wrong
 * kind counts as no transaction.
 * @param {import('../scenarios/bench-setting.mjs').Setting} setting
 * @param {MeasuredLoad} load
 */
export async function measureLoad(setting, load) {
  const { server, seconds, warmUpSeconds, runs } = setting;
  const costly = { ...setting, servers: [server] };
  const warmUp = await load.run(warmUpSeconds, true);
  const callsBefore = await load.calls();
  const before = await readCosts(costly);
  const results = [];
  for (let run = 0; run < runs; run += 1) results.push(resultOf(load, await load.run(seconds, false)));
  const after = await readCosts(costly);
  const calls = (await load.calls()) - callsBefore;

  const transactions = results.reduce((sum, result) => sum + result.transactions, 0);
  const { perSecond, p50Ms, p99Ms } = medianRun(results);
  return {
    connections: load.connections,
    transactions,
    perSecond,
    perSecondOfRuns: results.map((result) => Math.round(result.perSecond)),
    p50Ms,
    p99Ms,
    maxMs: Math.max(...results.map(({ maxMs }) => maxMs)),
    unexpectedAnswers: results.reduce((sum, result) => sum + result.unexpectedAnswers, 0),
    statusesInWarmUp: warmUp.statuses,
    branchCallsPerTransaction: calls / transactions,
    rssBytes: server.usage().rssBytes,
    ...costsEach(before, after, transactions),
  };
}

/** @param {MeasuredLoad} load @param {import('../load/wrk.mjs').LoadResult} result */
function resultOf({ requestsEach, isRefused }, { requests, refused, socketErrors, seconds, p50Ms, p99Ms, maxMs }) {
  const asExpected = isRefused ? refused : requests - refused;
  const transactions = asExpected / requestsEach;
  const unexpectedAnswers = requests - asExpected + socketErrors;
  return { transactions, perSecond: transactions / seconds, unexpectedAnswers, p50Ms, p99Ms, maxMs };
}
