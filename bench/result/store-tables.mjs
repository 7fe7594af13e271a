/** The figures of servers on one store as Markdown tables: this tree's first, others beside it. */
import { markdownTable, shown } from './markdown-table.mjs';

/**
 * @typedef {import('./print-result.mjs').Result} Result
 * @typedef {import('./print-result.mjs').Figures} Figures
 */

/** Scenarios with a speed at each number in flight, as a table calls them. @type {Readonly<Record<string, string>>} */
const works = {
  saga2: 'saga, 2 steps',
  saga10: 'saga, 10 steps',
  rollback: 'saga, refused and rolled back',
  message: 'message, submitted',
  'message-prepared': 'message, prepared and submitted',
  'message-aborted': 'message, prepared and aborted',
  tcc2: 'TCC, 2 branches',
  workflow10: 'workflow, 10 steps',
};

/** What an engine counts for each transaction, as a table calls it. @type {Readonly<Record<string, string>>} */
const engineCounters = {
  commitsPerTransaction: 'writes',
  syncsPerTransaction: 'batches',
  engineCommitsPerTransaction: "engine's commits",
  engineWritingCommitsPerTransaction: 'of them writing',
  engineStatementsPerTransaction: 'statements',
  engineScriptCallsPerTransaction: 'scripts',
  engineCommandsPerTransaction: 'commands',
  engineBytesInPerTransaction: 'bytes to it',
  engineBytesOutPerTransaction: 'bytes from it',
  engineWalBytesPerTransaction: 'bytes of log',
  engineLogBytesPerTransaction: 'bytes of log',
  engineDataSyncsPerTransaction: 'syncs',
};

/** @param {readonly Result[]} results of one store; the first is what the others are compared with @returns {string[]} lines */
export function storeTables(results) {
  const places = placesOf(results);
  return [
    ...speedTable(results, places),
    '',
    ...costTable(results, places),
    ...recoveryTable(results),
    ...groupingTable(results, 'grouped-store', 'store alone'),
    ...groupingTable(results, 'grouped-server', 'whole server'),
    ...sharedTable(results),
  ];
}

/** @typedef {{ scenario: string, connections: unknown, figures: readonly (Figures | undefined)[] }} Place */

/** @param {readonly Result[]} results @returns {Place[]} */
function placesOf(results) {
  return Object.keys(works).flatMap((scenario) => {
    const inFlight = new Set(results.flatMap((result) => runsOf(result, scenario).map((run) => run['connections'])));
    return [...inFlight].map((connections) => ({
      scenario,
      connections,
      figures: results.map((result) => runsOf(result, scenario).find((run) => run['connections'] === connections)),
    }));
  });
}

/** @param {Result} result @param {string} scenario @returns {Figures[]} */
function runsOf({ results }, scenario) {
  return /** @type {Figures[]} */ (results[scenario] ?? []);
}

/** @param {readonly Result[]} results @param {readonly Place[]} places */
function speedTable(results, places) {
  const [first, ...others] = results.map(({ label }) => label);
  const head = [
    'work',
    'in flight',
    `${first}, per second`,
    ...others.flatMap((label) => [label, 'ratio']),
    ...results.flatMap(({ label }) => [`${label}, p50 / p99 ms`, 'errors']),
  ];
  return markdownTable(
    head,
    places.map(({ scenario, connections, figures }) => {
      const [ours, ...theirs] = figures.map((one) => one?.['perSecond']);
      return [
        works[scenario],
        connections,
        ours,
        ...theirs.flatMap((other) => [other, ratio(ours, other)]),
        ...figures.flatMap((one) => [pair(one?.['p50Ms'], one?.['p99Ms']), one?.['unexpectedAnswers']]),
      ];
    }),
  );
}

/** @param {readonly Result[]} results @param {readonly Place[]} places */
function costTable(results, places) {
  const all = places.flatMap(({ figures }) => figures);
  const counters = Object.keys(engineCounters).filter((name) => all.some((one) => isNumber(one?.[name])));
  const cpu = ['cpuSecondsPer1000', 'engineCpuSecondsPer1000', 'loadCpuSecondsPer1000'];
  const head = ['work', 'in flight', 'server', 'CPU s per 1,000: server', 'engine', 'load'];
  return markdownTable(
    [...head, ...counters.map((name) => engineCounters[name] ?? name)],
    places.flatMap(({ scenario, connections, figures }) =>
      figures.flatMap((one, index) =>
        one === undefined
          ? []
          : [[works[scenario], connections, results[index]?.label, ...[...cpu, ...counters].map((name) => one[name])]],
      ),
    ),
  );
}

/** @param {readonly Result[]} results */
function recoveryTable(results) {
  const rows = /** @type {const} */ ([
    ['accepted per second, participants down', 'submitsPerSecond'],
    ['finished per second, from the wake to the last', 'perSecond'],
    ['CPU seconds per 1,000', 'cpuSecondsPer1000'],
  ]);
  const runs = results.map((result) => runsOf(result, 'recovery')[0]);
  if (runs.every((run) => run === undefined)) return [];
  return [
    '',
    ...markdownTable(
      ['after an outage', ...results.map(({ label }) => label)],
      rows.map(([text, name]) => [text, ...runs.map((run) => run?.[name])]),
    ),
  ];
}

/** @param {readonly Result[]} results @param {string} scenario @param {string} what */
function groupingTable(results, scenario, what) {
  const runs = results.flatMap((result) => runsOf(result, scenario));
  if (runs.length === 0) return [];
  const names = ['connections', 'perSecond', 'ungroupedPerSecond', 'ratio'];
  const head = [`${what}: in flight`, 'grouped, per second', 'ungrouped', 'ratio', 'p50 / p99 ms', 'ungrouped'];
  return [
    '',
    ...markdownTable(
      head,
      runs.map((run) => [
        ...names.map((name) => run[name]),
        pair(run['p50Ms'], run['p99Ms']),
        pair(run['ungroupedP50Ms'], run['ungroupedP99Ms']),
      ]),
    ),
  ];
}

/** @param {readonly Result[]} results */
function sharedTable(results) {
  const rows = results.flatMap((result) => {
    const [nodes] = runsOf(result, 'two-nodes');
    const [claims] = runsOf(result, 'claims');
    return [
      nodes && [result.label, 'one node, per second', nodes['oneNodePerSecond']],
      nodes && [result.label, 'two nodes on the same cores', nodes['twoNodesPerSecond']],
      nodes && [result.label, 'share of one node', nodes['share']],
      claims && [result.label, 'claims per second by four claimants', claims['perSecond']],
      claims && [
        result.label,
        'claimed, of them twice',
        `${shown(claims['claimed'])}, ${shown(claims['claimedTwice'])}`,
      ],
    ].filter((row) => row !== undefined);
  });
  return rows.length === 0 ? [] : ['', ...markdownTable(['server', 'several nodes', ''], rows)];
}

/** @param {unknown} value @returns {value is number} */
function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/** @param {unknown} one @param {unknown} other */
function ratio(one, other) {
  return isNumber(one) && isNumber(other) && other > 0 ? one / other : undefined;
}

/** @param {unknown} one @param {unknown} other */
function pair(one, other) {
  return isNumber(one) && isNumber(other) ? `${shown(one)} / ${shown(other)}` : '';
}
