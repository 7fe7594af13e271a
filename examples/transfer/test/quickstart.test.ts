import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunning } from '@tandem/example-stage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../../scripts/quickstart.mjs', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-quickstart-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs the quickstart with a folder of its own for temporary files; sends it the signal in its second scenario, if any. */
function quickstart(signal?: 'SIGINT' | 'SIGKILL'): Promise<Ended> {
  // A setting for another coordinator, as a developer may have it in the environment, must do no harm.
  const env = { ...process.env, TMPDIR: folder, NO_COLOR: '1', STORE_DRIVER: 'mysql', HTTP_PORT: '1' };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let isSignalled = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (signal === undefined || isSignalled || !output.includes('2. A transfer')) return;
      isSignalled = true;
      child.kill(signal);
    });
  }
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
}

function processIdsIn(output: string): number[] {
  return [...output.matchAll(/process (\d+)/g)].map(([, id]) => Number(id));
}

describe('npm run quickstart', () => {
  test('shows three transfers, and that the books balance', async () => {
    const { exitCode, output } = await quickstart();
    expect(output).not.toContain('✘');
    expect(exitCode, output).toBe(0);
    const told = [
      '1. A transfer',
      'the coordinator answered: succeed',
      '2. A transfer',
      'REFUSED',
      'nothing to undo: the barrier',
      'the coordinator answered: failed',
      '3. A transfer',
      'holds its answer back',
      'was killed with -9',
      'is started again',
      'already done: the barrier',
      'asked again under the same gid, the coordinator answered: succeed',
      'the books balance',
    ];
    expect(told.filter((text) => !output.includes(text))).toEqual([]);
    expect(output.match(/every balance is what it should be/g)).toHaveLength(3);
  });

  test('leaves no process and no file behind', async () => {
    const { output } = await quickstart();
    const ids = processIdsIn(output);
    expect(ids.length, output).toBeGreaterThanOrEqual(3);
    expect(ids.filter(isRunning)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('stopped in the middle, leaves no process and no file behind either, and fails', async () => {
    const { exitCode, output } = await quickstart('SIGINT');
    expect(exitCode).toBe(1);
    expect(processIdsIn(output).filter(isRunning)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('killed in the middle, leaves no process behind', async () => {
    const { output } = await quickstart('SIGKILL');
    const ids = processIdsIn(output);
    expect(ids, output).toHaveLength(3);
    // The machine's first process may take its time to bury them.
    await expect.poll(() => ids.filter(isRunning), { interval: 200 }).toEqual([]);
  });
});
