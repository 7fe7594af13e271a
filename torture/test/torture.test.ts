import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { faults } from '../src/faults/catalogue.js';

const script = fileURLToPath(new URL('../run.mjs', import.meta.url));

/** Everything that the run writes and starts has this in its name or on its command line. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-torture-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

interface Interruption {
  /** Sent when the output holds this. */
  readonly at: string;
  readonly signal: 'SIGINT' | 'SIGKILL';
}

function torture(args: readonly string[], interruption?: Interruption): Promise<Ended> {
  const env = { ...process.env, TMPDIR: folder, STORE_DRIVER: 'mysql', HTTP_PORT: '1' };
  const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let isInterrupted = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (interruption === undefined || isInterrupted || !output.includes(interruption.at)) return;
      isInterrupted = true;
      child.kill(interruption.signal);
    });
  }
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
}

/** Command lines of processes that name the folder of this test. Linux only; elsewhere there is nothing to look at. */
async function processesLeft(): Promise<string[]> {
  const entries = await readdir('/proc').catch(() => []);
  const lines = entries.map((entry) => readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).filter((line) => line.includes(folder));
}

async function mountsLeft(): Promise<string[]> {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  return mounts.split('\n').filter((line) => line.includes(folder));
}

describe('npm run torture', () => {
  test('strikes with every fault that the machine allows, and the books balance', { timeout: 90_000 }, async () => {
    const { exitCode, output } = await torture(['--minutes', '0.2', '--seed', '1']);
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/^\d+ passed, 0 failed/m);
    const notRun = output.split('\n').filter((line) => line.includes('!!! NOT RUN !!!') || line.includes('what helps'));
    if (notRun.length > 0) console.warn(notRun.join('\n'));
    const struck = faults.filter(({ name }) => new RegExp(`^  ${name} +[1-9]`, 'm').test(output));
    const missing = faults.filter(({ name }) => new RegExp(`^  ${name} +!!! NOT RUN !!!`, 'm').test(output));
    expect(struck.length + missing.length, output).toBe(faults.length);
    expect(await readdir(folder)).toEqual([]);
    expect(await mountsLeft()).toEqual([]);
    expect(await processesLeft()).toEqual([]);
  });

  test('notices participants without a barrier, keeps the logs and says where', { timeout: 60_000 }, async () => {
    const faultNames = 'kill,bank-drop,bank-error';
    const args = ['--minutes', '0.05', '--seed', '1', '--faults', faultNames, '--sabotage', 'no-barrier'];
    const { exitCode, output } = await torture(args);
    expect(exitCode, output).toBe(1);
    expect(output).toContain('BROKEN every operation of a branch had its effect at most once');
    const kept = /logs and data are in (\S+)/.exec(output)?.[1] ?? '';
    expect(await readdir(kept)).toEqual(expect.arrayContaining(['coordinator.log', 'torture.log', 'bank-a.db']));
  });

  test('stopped by Ctrl-C, leaves no process, no mount and no file behind', { timeout: 60_000 }, async () => {
    const { exitCode, output } = await torture(['--minutes', '1', '--seed', '1'], { at: 'SIGSTOP', signal: 'SIGINT' });
    expect(exitCode, output).toBe(130);
    expect(await readdir(folder)).toEqual([]);
    expect(await mountsLeft()).toEqual([]);
    expect(await processesLeft()).toEqual([]);
  });

  test('killed, leaves no process behind', { timeout: 60_000 }, async () => {
    await torture(['--minutes', '1', '--seed', '1'], { at: 'SIGSTOP', signal: 'SIGKILL' });
    await expect.poll(processesLeft, { timeout: 20_000, interval: 200 }).toEqual([]);
  });

  test('refuses the name of a fault that there is not', async () => {
    const { exitCode, output } = await torture(['--minutes', '0.1', '--faults', 'flood']);
    expect(exitCode).not.toBe(0);
    expect(output).toContain('no fault flood; there are kill, ');
  });
});
