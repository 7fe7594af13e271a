import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCaptured } from '../processes/run-captured.mjs';
import { expandFolders, folderWith, searchPath } from './ways/find-programs.mjs';
import { openWays } from './provide.mjs';
import { postgres } from './postgres.mjs';

const program = fileURLToPath(new URL('../services.mjs', import.meta.url));
const isInstalled =
  folderWith([...postgres.usualFolders.flatMap(expandFolders), ...searchPath()], postgres.programs) !== undefined;
const fromHere = { ...process.env, TANDEM_TEST_POSTGRES_URL: '', TANDEM_SERVICES_FROM: 'installed' };

/** @type {string} */
let temporary;
beforeEach(() => {
  // A place of its own, since other runs on this machine have services too; readable, since a server may be another user.
  temporary = mkdtempSync(join(tmpdir(), 'tandem-provision-'));
  chmodSync(temporary, 0o755);
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

/** @param {string} url @returns {Promise<boolean>} */
function answers(url) {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

test('apt-get changes the machine only in CI or when asked', () => {
  expect(openWays({})).toEqual(['installed', 'npm', 'debian', 'go', 'compose']);
  expect(openWays({ CI: 'true' })).toEqual(['installed', 'npm', 'debian', 'go', 'apt', 'compose']);
  expect(openWays({ TANDEM_SERVICES_FROM: 'apt,npm' })).toEqual(['apt', 'npm']);
});

test('a service that cannot be had fails the command, with the reasons and what would help', async () => {
  const env = { ...fromHere, TANDEM_SERVICES_FROM: 'nowhere' };
  await expect(runCaptured(process.execPath, [program, 'run', 'postgres', '--', 'true'], { env })).rejects.toThrow(
    /nowhere: no such way[\s\S]*TANDEM_TEST_POSTGRES_URL/,
  );
});

test('a URL that is given is taken as it is, and nothing is started', async () => {
  const env = { ...fromHere, TANDEM_TEST_POSTGRES_URL: 'postgres://given', TANDEM_SERVICES_FROM: 'nowhere' };
  const args = [program, 'run', 'postgres', '--', 'sh', '-c', 'echo $TANDEM_TEST_POSTGRES_URL'];
  expect(await runCaptured(process.execPath, args, { env })).toBe('postgres://given\n');
});

/** @param {NodeJS.Signals} signal */
async function startThenEnd(signal) {
  const child = spawn(process.execPath, [program, 'up', 'postgres'], {
    env: { ...fromHere, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const url = String(line).trim().replace('export TANDEM_TEST_POSTGRES_URL=', '');
  expect(readdirSync(temporary)).toHaveLength(1);
  expect(await answers(url)).toBe(true);
  child.kill(signal);
  await once(child, 'exit');
  return url;
}

test.runIf(isInstalled)('a service is gone with its data once its command was asked to stop', async () => {
  const url = await startThenEnd('SIGTERM');
  expect(await answers(url)).toBe(false);
  expect(readdirSync(temporary)).toEqual([]);
});

test.runIf(isInstalled)('a service is gone with its data even when its command was killed', async () => {
  const url = await startThenEnd('SIGKILL');
  await expect.poll(() => answers(url)).toBe(false);
  await expect.poll(() => readdirSync(temporary)).toEqual([]);
});
