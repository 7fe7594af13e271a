/** Every scenario by name, and the suites: several of them by one name. */
import { claims } from './claims.mjs';
import { flowScenarios, measureFlow } from './flows.mjs';
import { groupedServer, groupedStore } from './group-commit.mjs';
import { grpcScenarios, measureGrpc } from './grpc-throughput.mjs';
import { lifecycleScenarios } from './lifecycle.mjs';
import { measureThroughput, throughputScenarios } from './throughput.mjs';
import { twoNodes } from './two-nodes.mjs';

/**
 * @typedef {import('./bench-setting.mjs').Setting} Setting
 *
 * @typedef {object} Scenario
 * @property {((setting: Setting, connections: number) => Promise<unknown>)} [measureAt] a running server, at each number in flight
 * @property {((setting: Setting) => Promise<unknown[]>)} [measure] starts what it needs itself
 * @property {boolean} [isOfOurs] needs this tree's packages: no other server can be measured by it
 * @property {boolean} [isOfShared] needs a store that several processes can use
 *
 * @typedef {{ name: string, connections?: readonly number[] }} Planned
 *
 * @typedef {object} Suite
 * @property {readonly Planned[]} scenarios
 * @property {{ seconds: number, warmUpSeconds: number, runs: number }} defaults
 */

/**
 * @template Load
 * @param {Readonly<Record<string, Load>>} loads
 * @param {(setting: Setting, load: Load, connections: number) => Promise<unknown>} measure
 * @returns {Record<string, Scenario>}
 */
function atEach(loads, measure) {
  const scenarios = Object.entries(loads).map(([name, load]) => {
    /** @type {Scenario} */
    const scenario = { measureAt: (setting, connections) => measure(setting, load, connections) };
    return [name, scenario];
  });
  return Object.fromEntries(scenarios);
}

const lifecycle = Object.entries(lifecycleScenarios).map(([name, scenario]) => [
  name,
  { measure: async (/** @type {Setting} */ setting) => [await scenario(setting)] },
]);

/** @type {Readonly<Record<string, Scenario>>} */
export const scenarios = {
  ...atEach(throughputScenarios, measureThroughput),
  ...atEach(flowScenarios, measureFlow),
  ...atEach(grpcScenarios, measureGrpc),
  ...Object.fromEntries(lifecycle),
  'grouped-store': { measure: groupedStore, isOfOurs: true },
  'grouped-server': { measure: groupedServer, isOfOurs: true },
  'two-nodes': { measure: async (setting) => [await twoNodes(setting)], isOfShared: true },
  claims: { measure: async (setting) => [await claims(setting)], isOfOurs: true, isOfShared: true },
};

/** @type {Readonly<Record<string, Suite>>} */
export const suites = {
  all: {
    scenarios: Object.keys(scenarios).map((name) => ({ name })),
    defaults: { seconds: 5, warmUpSeconds: 3, runs: 1 },
  },
  stores: {
    scenarios: [
      { name: 'saga2', connections: [1, 64, 256] },
      { name: 'message-aborted', connections: [64] },
      { name: 'message-prepared', connections: [64] },
      { name: 'recovery' },
      { name: 'grouped-store' },
      { name: 'grouped-server' },
      { name: 'two-nodes' },
      { name: 'claims' },
    ],
    defaults: { seconds: 4, warmUpSeconds: 2, runs: 3 },
  },
};

export function knownNames() {
  return [...Object.keys(scenarios), ...Object.keys(suites)];
}

/**
 * What is measured for the names that were asked for. Of a suite only what the server and the store can be asked; what was named
 * itself and cannot be is in `impossible`.
 * @param {readonly string[]} names @param {{ isOurs: boolean, isShared: boolean }} subject
 * @returns {{ planned: Planned[], impossible: string[] }}
 */
export function planOf(names, { isOurs, isShared }) {
  /** @param {Planned} planned */
  const isPossible = ({ name }) =>
    (isOurs || scenarios[name]?.isOfOurs !== true) && (isShared || scenarios[name]?.isOfShared !== true);
  const single = names.filter((name) => suites[name] === undefined).map((name) => ({ name }));
  const ofSuites = names.flatMap((name) => suites[name]?.scenarios ?? []);
  return {
    planned: [...single, ...ofSuites.filter(isPossible)],
    impossible: single.filter((one) => !isPossible(one)).map(({ name }) => name),
  };
}
