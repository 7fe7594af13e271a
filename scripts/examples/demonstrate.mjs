import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../workspace/root.mjs';

/**
 * Runs the demonstration of an example that is built, and sets the exit code: 0 only if everything was as it should be. What
 * hangs is a failure to be shown, not to be waited out.
 * @template {object} Options
 * @param {string} name of the example's folder
 * @param {{ title: string, timeLimitMs: number, options: Options }} how `options`: for the demonstration, beside the `tandem` command and the signal to stop
 */
export async function demonstrate(name, { title, timeLimitMs, options }) {
  const { runDemonstration } = await import(pathToFileURL(join(root, 'examples', name, 'dist', 'index.js')).href);
  const server = join(root, 'packages', 'server');
  const command = join(server, JSON.parse(readFileSync(join(server, 'package.json'), 'utf8')).bin.tandem);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort(new Error('stopped')));
  const timer = setTimeout(() => stop.abort(new Error(`not finished within ${timeLimitMs / 1000} s`)), timeLimitMs);
  try {
    process.exitCode = (await runDemonstration({ command, stop: stop.signal, ...options })) ? 0 : 1;
  } catch (error) {
    console.error(`\n${title}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    clearTimeout(timer);
  }
}
