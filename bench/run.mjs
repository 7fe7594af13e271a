/**
 * Measures a server as a whole process. See README.md for what can be asked.
 *
 *   npm run bench -- --scenario saga2 --connections 1,16,64,256 --seconds 5
 *   npm run bench -- --server-command /path/to/dtm --scenario saga2
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareWorkspace } from '../scripts/workspace/prepare.mjs';
import { root } from '../scripts/workspace/root.mjs';
import { measureEcho } from './echo/measure-echo.mjs';
import { participants as createParticipants } from './participants/nginx.mjs';
import { profileFlags, selfTimes } from './profile/self-time.mjs';
import { printResult } from './result/print-result.mjs';
import { grpcScenarios, measureGrpc } from './scenarios/grpc-throughput.mjs';
import { flowScenarios, measureFlow } from './scenarios/flows.mjs';
import { lifecycleScenarios } from './scenarios/lifecycle.mjs';
import { measureThroughput, throughputScenarios } from './scenarios/throughput.mjs';
import { MeasuredServer } from './server/measured-server.mjs';
import { tandemCommand } from './server/tandem-command.mjs';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'saga2' },
    connections: { type: 'string', default: '1,16,64,256' },
    seconds: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '3' },
    count: { type: 'string', default: '0' },
    'server-command': { type: 'string' },
    'server-flags': { type: 'string', default: '' },
    'base-url': { type: 'string' },
    'data-root': { type: 'string', default: tmpdir() },
    label: { type: 'string' },
    out: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});

const names = values.scenario === 'all' ? allScenarios() : values.scenario.split(',');
const unknown = names.filter((name) => !allScenarios().includes(name));
// Before anything is measured: a name that is misspelt would throw away what was measured before it.
if (unknown.length > 0) {
  console.error(`bench: no scenario ${unknown.join(', ')}; there are ${allScenarios().join(', ')}`);
  process.exit(2);
}

const isOurs = values['server-command'] === undefined;
if (isOurs) await prepareWorkspace();
const folder = mkdtempSync(join(values['data-root'], 'tandem-bench-'));
const profileFolder = join(folder, 'profile');
const command =
  values['server-command'] ?? tandemCommand(values.profile ? profileFlags(profileFolder) : [], values['server-flags']);
const seconds = Number(values.seconds);

let runs = 0;
/** @type {MeasuredServer | undefined} */
let running;
/** @type {import('./participants/nginx.mjs').Participants | undefined} */
let participants;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    void cleanUp().finally(() => process.exit(130));
  });
}

try {
  const [loadAverageBefore = 0] = loadavg();
  participants = await createParticipants(folder);
  await participants.start();
  const echoBefore = await measureEcho(folder, seconds);
  /** @type {Record<string, unknown[]>} */
  const results = {};
  for (const name of names) results[name] = await measure(name, participants);
  const echoAfter = await measureEcho(folder, seconds);
  const result = {
    label: values.label ?? (isOurs ? 'Tandem' : command),
    command: isOurs ? command.replaceAll(root, '.') : command,
    arguments: process.argv.slice(2).join(' '),
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memoryBytes: totalmem(), node: process.version },
    loadAverageBefore,
    echoPerSecond: (echoBefore + echoAfter) / 2,
    echoBefore,
    echoAfter,
    results,
  };
  const out = values.out ?? join(root, 'bench', 'results', `${result.date.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(resolve(out)), { recursive: true });
  writeFileSync(out, `${JSON.stringify(result, undefined, 2)}\n`);
  printResult(result);
  console.log(`written to ${out}`);
  if (values.profile) for (const line of selfTimes(profileFolder, 25)) console.log(line);
} finally {
  await cleanUp();
}

/** @param {string} name @param {import('./participants/nginx.mjs').Participants} participants @returns {Promise<unknown[]>} */
async function measure(name, participants) {
  const throughput = throughputScenarios[name];
  const lifecycle = lifecycleScenarios[name];
  const grpc = grpcScenarios[name];
  const flow = flowScenarios[name];
  if (throughput === undefined && lifecycle === undefined && grpc === undefined && flow === undefined) {
    throw new Error(`no scenario ${name}; there are ${allScenarios().join(', ')}`);
  }
  const server = await newServer();
  const setting = {
    server,
    participants,
    folder,
    seconds,
    warmUpSeconds: Number(values['warm-up']),
    count: Number(values.count),
    isOurs,
  };
  try {
    if (lifecycle !== undefined) return [await lifecycle(setting)];
    await server.start();
    const figures = [];
    for (const connections of values.connections.split(',').map(Number)) {
      console.error(`bench: ${name} at ${connections}`);
      if (grpc !== undefined) figures.push(await measureGrpc(setting, grpc, connections));
      if (flow !== undefined) figures.push(await measureFlow(setting, flow, connections));
      if (throughput !== undefined) figures.push(await measureThroughput(setting, throughput, connections));
    }
    return figures;
  } finally {
    await server.stop();
    running = undefined;
  }
}

/** Every scenario has a server and a data folder of its own. */
async function newServer() {
  runs += 1;
  running = await MeasuredServer.create({
    command,
    baseUrl: values['base-url'],
    folder: join(folder, `run-${runs}`),
  });
  return running;
}

async function cleanUp() {
  await running?.stop();
  await participants?.stop();
  rmSync(folder, { recursive: true, force: true });
}

function allScenarios() {
  const all = [throughputScenarios, flowScenarios, grpcScenarios, lifecycleScenarios];
  return all.flatMap((scenarios) => Object.keys(scenarios));
}
