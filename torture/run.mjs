/**
 * `npm run torture -- --minutes M [--seed S] [--faults a,b] [--nodes N --store NAME]`: real faults against whole processes.
 * docs/correctness/torture.md
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
import { openInstance } from '../scripts/services/instance.mjs';
import { prepareWorkspace } from '../scripts/workspace/prepare.mjs';
import { root } from '../scripts/workspace/root.mjs';

/** How long the run may take to end everything once it is asked to. */
const patienceMs = 20_000;

const { values } = parsedArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string' },
    faults: { type: 'string', default: '' },
    nodes: { type: 'string', default: '0' },
    store: { type: 'string', default: '' },
    sabotage: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) wrongUsage('--minutes is a number above 0, --seed a whole number');
const nodes = Number(values.nodes);
if (!Number.isInteger(nodes) || nodes < 0) wrongUsage('--nodes is a whole number');
if (nodes > 0 !== (values.store !== '')) wrongUsage('--nodes and --store go together: --nodes 3 --store postgres');
const faults = values.faults === '' ? [] : values.faults.split(',');

await prepareWorkspace();
const catalogue = join(root, 'torture', 'dist', 'faults', 'catalogue.js');
/** @type {string[]} */
const known = (await import(pathToFileURL(catalogue).href))
  .faultsFor(nodes)
  .map((/** @type {{ name: string }} */ { name }) => name);
const unknown = faults.filter((name) => !known.includes(name));
if (unknown.length > 0) wrongUsage(`no fault ${unknown.join(', ')}; there are ${known.join(', ')}`);
const server = join(root, 'packages', 'server');
const namespaces = namespacesOf();
const folder = mkdtempSync(join(tmpdir(), 'tandem-torture-'));
const engine = await openEngine(values.store);
const options = {
  minutes,
  seed,
  faults,
  folder,
  command: join(server, JSON.parse(readFileSync(join(server, 'package.json'), 'utf8')).bin.tandem),
  mayMount: namespaces.length > 0,
  nodes,
  store: engine?.url ?? values.store,
  isStoreOwn: engine !== undefined,
  sabotage: values.sabotage,
};
const [command, ...args] = [
  ...namespaces,
  process.execPath,
  join(root, 'torture', 'dist', 'main.js'),
  JSON.stringify(options),
];
// Its own group: Ctrl-C reaches this process alone, which asks the run to end by closing its standard input.
const run = spawn(command, args, { stdio: ['pipe', 'inherit', 'inherit', 'ipc'], detached: true });
// The run cannot see the engine's process: it asks for its end.
run.on('message', () => {
  void engine
    ?.kill()
    .then(() => engine.start())
    .then(() => run.connected && run.send({ kind: 'storeIsBack' }));
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    run.stdin?.end();
    setTimeout(() => run.kill('SIGKILL'), patienceMs).unref();
  });
}
/** @param {number | null} code @param {string | null} signal */
async function ended(code, signal) {
  await engine?.close();
  const exitCode = code ?? (signal === null ? 1 : 137);
  const isKept = values.keep || (exitCode !== 0 && exitCode !== 130);
  if (isKept) console.log(`logs and data are in ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
  process.exitCode = exitCode;
}
run.on('exit', (code, signal) => void ended(code, signal));

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

/**
 * An engine of the run's own, where `store` is the name of a service; a URL is used as it is, and not killed.
 * @param {string} store
 */
async function openEngine(store) {
  if (store === '' || store.includes(':')) return undefined;
  // What was acknowledged has to outlive kill -9.
  const durable = store === 'redis' ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  try {
    return await openInstance(store, durable);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wrongUsage(`${why}; start it with: node scripts/services.mjs run ${store} -- npm run torture -- ...`);
  }
}
