/**
 * The suites of the libraries whose newest versions need newer Node than the oldest that is supported, run once more: the packed package,
 * those versions, and Node 24, in a folder of their own.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runtimeProgram, runtimes } from '../../../scripts/languages/javascript.mjs';
import type { Installed } from './runtimes/install-packed.js';
import { installSuites, runSuite } from './runtimes/installed-suites.js';

const versions = ['pg@8', 'mysql2@3', 'kysely@0.29', 'better-sqlite3@13', '@photostructure/sqlite@1'];
const mikroOrm = ['core', 'postgresql', 'mariadb'].map((name) => `@mikro-orm/${name}@7.2.1`);
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
    installed = await installSuites([...versions, ...mikroOrm]);
  });
  // Undefined where the install failed.
  afterAll(() => (installed as Installed | undefined)?.close());

  test.each(Object.entries(suites))('the cases of %s pass under Node 24', async (name, casesMin) => {
    const { failed, passed } = await runSuite(installed, node ?? '', `test/barrier-${name}.test.ts`);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(casesMin);
  });
});
