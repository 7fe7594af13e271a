/**
 * `npm run torture -- --minutes M [--seed S] [--faults a,b]`: real faults against whole processes. docs/correctness/torture.md
 *
 * This process makes the folder and gives the run namespaces of its own where the machine allows it: what the run mounts
 * and starts is then gone with it, even if it is killed itself. The run is dist/main.js.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareWorkspace } from '../scripts/workspace/prepare.mjs';
import { root } from '../scripts/workspace/root.mjs';

/** How long the run may take to end everything once it is asked to. */
const patienceMs = 20_000;

const { values } = parsedArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    faults: { type: 'string', default: '' },
    sabotage: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) wrongUsage('--minutes is a number above 0, --seed a whole number');
const faults = values.faults === '' ? [] : values.faults.split(',');

await prepareWorkspace();
const catalogue = join(root, 'torture', 'dist', 'faults', 'catalogue.js');
/** @type {string[]} */
const known = (await import(pathToFileURL(catalogue).href)).faults.map(
  (/** @type {{ name: string }} */ { name }) => name,
);
const unknown = faults.filter((name) => !known.includes(name));
if (unknown.length > 0) wrongUsage(`no fault ${unknown.join(', ')}; there are ${known.join(', ')}`);
const server = join(root, 'packages', 'server');
const namespaces = namespacesOf();
const folder = mkdtempSync(join(tmpdir(), 'tandem-torture-'));
const options = {
  minutes,
  seed,
  faults,
  folder,
  command: join(server, JSON.parse(readFileSync(join(server, 'package.json'), 'utf8')).bin.tandem),
  mayMount: namespaces.length > 0,
  sabotage: values.sabotage,
};
const [command, ...args] = [
  ...namespaces,
  process.execPath,
  join(root, 'torture', 'dist', 'main.js'),
  JSON.stringify(options),
];
// Its own group: Ctrl-C reaches this process alone, which asks the run to end by closing its standard input.
const run = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit'], detached: true });
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    run.stdin.end();
    setTimeout(() => run.kill('SIGKILL'), patienceMs).unref();
  });
}
run.on('exit', (code, signal) => {
  const exitCode = code ?? (signal === null ? 1 : 137);
  const isKept = values.keep || (exitCode !== 0 && exitCode !== 130);
  if (isKept) console.log(`logs and data are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  process.exitCode = exitCode;
});

/** @template {import('node:util').ParseArgsConfig} T @param {T} config */
function parsedArgs(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    return wrongUsage(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} message @returns {never} */
function wrongUsage(message) {
  console.error(`torture: ${message}`);
  process.exit(2);
}

/** The command that gives what follows a mount and a process namespace of its own; empty where that is not allowed. */
function namespacesOf() {
  const isolated = ['--mount', '--pid', '--fork', '--kill-child'];
  for (const flags of [isolated, ['--user', '--map-root-user', ...isolated]]) {
    if (spawnSync('unshare', [...flags, 'true']).status === 0) return ['unshare', ...flags];
  }
  return [];
}
