/**
 * The packed package under other runtimes than the Node that runs the tests, each with its own server and its own SQLite. Their programs
 * are fetched by npm when this runs, and are nobody's dependency: they have a hundred megabytes each.
 */
import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runtimeProgram, runtimes } from '../../../scripts/languages/javascript.mjs';
import { startTandem } from './coordinator-processes.js';
import { createPostgresDatabase, postgresUrl } from './postgres-database.js';
import { installPacked, type Installed } from './runtimes/install-packed.js';

const workspaces = ['@tandem/client', '@tandem/protocol', '@tandem/coordinator', '@tandem/store'];

const found = await Promise.all(
  Object.entries(runtimes).map(async ([name, runtime]) => {
    const program = await runtimeProgram(runtime).catch((error: unknown) => {
      console.warn(`${runtime.title}: NOT RUN`, error);
      return undefined;
    });
    return { name, runtime, program, title: program === undefined ? `${runtime.title} (needs npm)` : runtime.title };
  }),
);

describe.skipIf(postgresUrl === undefined)('the packed client (needs PostgreSQL)', () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installPacked(workspaces, ['pg@^8.23.1', '@grpc/grpc-js@^1.14.7']);
    await copyFile(new URL('runtimes/program.ts', import.meta.url), join(installed.folder, 'program.ts'));
  });
  // Undefined where the install failed.
  afterAll(() => (installed as Installed | undefined)?.close());

  describe.each(found)('under $title', ({ name, runtime, program = '' }) => {
    test.skipIf(program === '')('does all that it does under Node', async () => {
      const database = await createPostgresDatabase(`tandem_client_${name}`);
      const coordinator = await startTandem();
      try {
        const env = { DATABASE_URL: database.url, TANDEM_URL: coordinator.url, TANDEM_GRPC: coordinator.grpcAddress };
        const args = [...runtime.arguments, join(installed.folder, 'program.ts')];
        const options = { cwd: installed.folder, env: { ...process.env, ...env }, timeout: 300_000 };
        const { stdout } = await promisify(execFile)(program, args, options);
        expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toEqual({
          runtime: expect.stringContaining(runtime.title),
          saga: 'succeed',
          'refused saga': 'TRANSACTION_FAILED',
          balances: 'ann 70, bob 30',
          message: { gid: 'm1', status: 'succeed', value: { done: true, value: expect.anything() } },
          'balances after the message': 'ann 65, bob 35',
          workflow: { room: 'room of ann', seat: '1970-01-01T00:00:00.000Z' },
          'refused workflow': ['TRANSACTION_FAILED', 'room of eve'],
          'workflow from its record': ['begun', 'ended'],
          embedded: ['ann'],
          sqlite: [200, 200, { rows: 1 }],
          grpc: 'succeed',
          'no coordinator': ['COORDINATOR_UNREACHABLE', true],
        });
      } finally {
        await coordinator.close();
        await database.drop();
      }
    });
  });
});
