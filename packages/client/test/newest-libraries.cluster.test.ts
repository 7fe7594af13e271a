/**
 * The suites of the libraries whose newest versions need newer Node than the oldest that is supported, run once more: the packed package,
 * those versions, and Node 24, in a folder of their own.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runtimeProgram, runtimes } from '../../../scripts/languages/javascript.mjs';
import { installPacked, type Installed } from './runtimes/install-packed.js';

const versions = ['pg@8', 'mysql2@3', 'kysely@0.29', 'better-sqlite3@13', '@photostructure/sqlite@1'];
const mikroOrm = ['core', 'postgresql', 'mariadb'].map((name) => `@mikro-orm/${name}@7.2.1`);
const workspaces = ['@tandem/client', '@tandem/protocol', '@tandem/coordinator', '@tandem/store'];
const suites = { kysely: 50, 'mikro-orm': 50, sqlite: 80 };

const node = await runtimeProgram(runtimes.node24).catch((error: unknown) => {
  console.warn('Node 24: NOT RUN', error);
  return undefined;
});
const hasEngines = ['POSTGRES', 'MARIADB'].every((name) => process.env[`TANDEM_TEST_${name}_URL`] !== undefined);
const needs = node === undefined ? ' (needs npm)' : ' (needs PostgreSQL and MariaDB)';

describe.skipIf(node === undefined || !hasEngines)(`the newest Kysely, MikroORM and better-sqlite3${needs}`, () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installPacked(workspaces, [...versions, ...mikroOrm]);
    const tests = fileURLToPath(new URL('.', import.meta.url));
    await mkdir(join(installed.folder, 'test'));
    for (const name of await readdir(tests)) {
      if (name.endsWith('.ts')) await copyFile(join(tests, name), join(installed.folder, 'test', name));
    }
    const vitest = fileURLToPath(new URL('../../../node_modules/vitest', import.meta.url));
    await symlink(vitest, join(installed.folder, 'node_modules', 'vitest'));
    const settings = { test: { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 1 } };
    await writeFile(join(installed.folder, 'vitest.config.js'), `export default ${JSON.stringify(settings)};`);
  });
  // Undefined where the install failed.
  afterAll(() => (installed as Installed | undefined)?.close());

  test.each(Object.entries(suites))('the cases of %s pass under Node 24', async (name, casesMin) => {
    const { folder } = installed;
    const report = join(folder, `${name}.json`);
    const vitest = [join(folder, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', folder];
    const args = [...vitest, '--reporter=json', `--outputFile=${report}`, `test/barrier-${name}.test.ts`];
    const env = { ...process.env, VITEST: undefined, VITEST_WORKER_ID: undefined, VITEST_POOL_ID: undefined };
    const ended = promisify(execFile)(node ?? '', args, { cwd: folder, env, timeout: 120_000 });
    await ended.catch(() => undefined);
    const { testResults, numPassedTests } = JSON.parse(await readFile(report, 'utf8')) as Report;
    const failed = testResults.flatMap((file) => [
      ...(file.status === 'failed' ? [file.message] : []),
      ...file.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    ]);
    expect(failed).toEqual([]);
    expect(numPassedTests).toBeGreaterThan(casesMin);
  });
});

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}
