/**
 * Three coordinators on one store, under kill -9, SIGSTOP, cuts, rolling restarts and the death of the engine itself, with all
 * five types of transaction; then the books.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFaults } from '../src/faults/node-faults.js';

const script = fileURLToPath(new URL('../run.mjs', import.meta.url));
const engines = ['postgres', 'mariadb', 'redis'] as const;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-nodes-'));
  // Engines that refuse to run as root run as somebody else, and write there too.
  await chmod(folder, 0o1777);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** `signal`: of the test, so that a run which takes too long does not outlive it. */
function torture(args: readonly string[], signal: AbortSignal): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  signal.addEventListener('abort', () => child.kill('SIGINT'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
}

describe.each(engines)('three nodes on %s', (engine) => {
  const variable = `TANDEM_TEST_${engine.toUpperCase()}_PROGRAMS`;
  const isMissing = (process.env[variable] ?? '') === '';

  const title = `lose nothing and fail nothing (needs ${variable})`;
  test.skipIf(isMissing)(title, { timeout: 600_000 }, async ({ signal }) => {
    const args = ['--minutes', '0.4', '--seed', '1', '--nodes', '3', '--store', engine];
    const { exitCode, output } = await torture(args, signal);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/^\d+ passed, 0 failed/m);
    for (const { name } of nodeFaults) expect(output, name).toMatch(new RegExp(`^  ${name} +[1-9]`, 'm'));
    expect(await readdir(folder)).toEqual([]);
  });
});
