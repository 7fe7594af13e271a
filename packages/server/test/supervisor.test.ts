/** The supervisor with workers that do not listen. */
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openLog } from '../src/telemetry/log.js';
import { Supervisor } from '../src/workers/supervisor.js';

cluster.setupPrimary({ exec: fileURLToPath(new URL('deaf-worker.mjs', import.meta.url)), execArgv: [] });
afterEach(() => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL');
});

function supervisor(count: number): Supervisor {
  return new Supervisor(count, openLog('silent'), 500);
}

test('a worker that does not end when it is asked to is killed', async () => {
  const supervised = supervisor(1);
  expect(await supervised.start()).toMatchObject({ url: 'http://worker-1' });
  supervised.stop();
  expect(await supervised.ended).toEqual({ exitCode: 1, message: undefined });
});

test('neither does one hold the others that end because one of them cannot start', async () => {
  const supervised = supervisor(2);
  const outcome = { exitCode: 1, message: 'worker 2 did not start' };
  const serving = supervised.start();
  expect(await serving).toEqual(outcome);
  expect(await supervised.ended).toEqual(outcome);
});
