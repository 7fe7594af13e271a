/** kill -9 of the service at each boundary of its workflow: another process goes on, and each effect is there once. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { createClient, newGid, type Client } from '@tandem/client';
import { beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { startTandem } from './coordinator-processes.js';

const service = fileURLToPath(new URL('./workflow-service.mjs', import.meta.url));

describe('a service that is killed', () => {
  let tandem: Client;
  let url: string;
  beforeAll(async () => {
    const coordinator = await startTandem();
    url = coordinator.url;
    tandem = createClient({ url });
    return () => coordinator.close();
  });

  const start = (env: Readonly<Record<string, string>>): ChildProcess =>
    spawn(process.execPath, [service], {
      env: { PATH: process.env['PATH'], TANDEM_URL: url, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });

  /** The balances after the workflow ended, in a process after the one that was killed. */
  const endOf = async (diesAt: string, more: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-workflow-'));
    const gid = newGid();
    const env = { DATABASE: join(folder, 'bank.db'), PORT: String(await freePort()), ...more };
    const dying = start({ ...env, START: gid, DIES_AT: diesAt });
    expect(await once(dying, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await tandem.query(gid)).toMatchObject({ status: 'prepared' });
    const second = start(env);
    try {
      const status = async (): Promise<unknown> => (await tandem.query(gid))?.status;
      await expect.poll(status, { interval: 50 }).toMatch(/succeed|failed/);
      const connection = new DatabaseSync(env.DATABASE);
      const rows = connection.prepare('select balance from account order by name').all();
      connection.close();
      return [await status(), ...(rows as { readonly balance: number }[]).map(({ balance }) => balance)];
    } finally {
      second.kill('SIGKILL');
      await once(second, 'exit');
      await rm(folder, { recursive: true, force: true });
    }
  };

  test.each(['before action a', 'after action a', 'after action b', 'before action c', 'after action c', 'the end'])(
    '%s goes on where it was, and does nothing twice',
    async (place) => {
      expect(await endOf(place)).toEqual(['succeed', -30, 10, 20]);
    },
  );

  test.each(['before rollback b', 'after rollback b', 'after rollback a'])(
    '%s has the rest undone, and nothing twice',
    async (place) => {
      expect(await endOf(place, { REFUSES: 'yes' })).toEqual(['failed', 0, 0, 0]);
    },
  );
});
