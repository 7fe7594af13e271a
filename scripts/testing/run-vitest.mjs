import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../processes/run-to-end.mjs';
import { root } from '../workspace/root.mjs';

/**
 * Runs every Vitest suite, its progress on the terminal; answers its report, if it came to one, and its exit code.
 * @param {{ args: readonly string[], variables: Readonly<Record<string, string>>, node?: readonly string[] }} options
 *   `node`: the command that runs JavaScript, when it is not the Node of this process
 */
export async function runVitest({ args, variables, node = [process.execPath] }) {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-tests-'));
  const reportPath = join(folder, 'report.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const [command = '', ...leading] = node;
  try {
    const env = { ...process.env, ...variables, NODE_ENV: 'test' };
    const exitCode = await runToEnd(command, [...leading, vitest, 'run', ...reporters, ...args], { cwd: root, env });
    return { exitCode, report: readReport(reportPath) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} path @returns {import('./test-report.mjs').VitestReport | undefined} */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
