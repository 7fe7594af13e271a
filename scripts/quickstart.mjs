/** `npm run quickstart`: installs and builds what is missing, then runs the demonstration of examples/transfer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

/** Longer than the demonstration takes on a slow machine; what hangs is a failure to be shown, not to be waited out. */
const timeLimitMs = 60_000;

await prepareWorkspace();
/** @type {typeof import('../examples/transfer/src/index.js')} */
const { runDemonstration } = await import(pathToFileURL(join(root, 'examples', 'transfer', 'dist', 'index.js')).href);

const server = join(root, 'packages', 'server');
const command = join(server, JSON.parse(readFileSync(join(server, 'package.json'), 'utf8')).bin.tandem);

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort(new Error('stopped')));
const timer = setTimeout(() => stop.abort(new Error(`not finished within ${timeLimitMs / 1000} s`)), timeLimitMs);
try {
  process.exitCode = (await runDemonstration({ command, stop: stop.signal })) ? 0 : 1;
} catch (error) {
  console.error(`\nquickstart: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
}
