/**
 * Measures a server as a whole process. See README.md for what can be asked.
 *
 *   npm run bench -- --scenario saga2 --connections 1,16,64,256 --seconds 5
 *   npm run bench -- --scenario stores --store postgres
 *   npm run bench -- --server-command /path/to/dtm --scenario saga2
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { prepareWorkspace } from '../scripts/workspace/prepare.mjs';
import { root } from '../scripts/workspace/root.mjs';
import { measureEcho } from './echo/measure-echo.mjs';
import { Lab } from './lab.mjs';
import { readOptions } from './options.mjs';
import { profileFlags, selfTimes } from './profile/self-time.mjs';
import { printResult } from './result/print-result.mjs';
import { storeTables } from './result/store-tables.mjs';
import { scenarios } from './scenarios/catalogue.mjs';
import { tandemCommand } from './server/tandem-command.mjs';

/** @typedef {import('./options.mjs').Options} Options */

const options = optionsOrExit();
const isOurs = options.serverCommand === undefined;
if (isOurs) await prepareWorkspace();
const [loadAverageBefore = 0] = loadavg();
let command = '';
const lab = await Lab.open(options, (folder) => (command = commandOf(options, folder)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    void lab.close().finally(() => process.exit(130));
  });
}
try {
  const echoBefore = await measureEcho(lab.folder, options.seconds);
  /** @type {Record<string, unknown[]>} */
  const results = {};
  for (const planned of options.planned) results[planned.name] = await measure(planned);
  const echoAfter = await measureEcho(lab.folder, options.seconds);
  const result = {
    label: options.label ?? (isOurs ? 'Tandem' : command),
    store: options.store,
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
  const out = options.out ?? join(root, 'bench', 'results', `${result.date.replaceAll(':', '-')}.json`);
  mkdirSync(dirname(resolve(out)), { recursive: true });
  writeFileSync(out, `${JSON.stringify(result, undefined, 2)}\n`);
  printResult(result);
  for (const line of ['', ...storeTables([result])]) console.log(line);
  console.log(`written to ${out}`);
  if (options.isProfiled) for (const line of selfTimes(profileFolder(lab.folder), 25)) console.log(line);
} finally {
  await lab.close();
}

/** Every scenario has servers and a database of its own. @param {import('./scenarios/catalogue.mjs').Planned} planned */
async function measure({ name, connections = options.connections }) {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  console.error(`bench: ${name}`);
  const setting = await lab.setting();
  try {
    if (scenario.measure !== undefined) return await scenario.measure(setting);
    await setting.server.start();
    const figures = [];
    for (const inFlight of connections) figures.push(await scenario.measureAt?.(setting, inFlight));
    return figures;
  } finally {
    await lab.endServers();
  }
}

function optionsOrExit() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return process.exit(2);
  }
}

/** @param {Options} options @param {string} folder */
function commandOf({ serverCommand, serverFlags, isProfiled }, folder) {
  return serverCommand ?? tandemCommand(isProfiled ? profileFlags(profileFolder(folder)) : [], serverFlags);
}

/** @param {string} folder */
function profileFolder(folder) {
  return join(folder, 'profile');
}
