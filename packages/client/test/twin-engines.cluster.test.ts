/** The suites that run on MariaDB and Redis in `npm test`, once more on MySQL and on Valkey: what speaks to the one speaks to the other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runVitest } from './runtimes/installed-suites.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const twins = [
  {
    title: 'MySQL',
    variable: 'TANDEM_TEST_MYSQL_URL',
    instead: 'TANDEM_TEST_MARIADB',
    // Two of the libraries: that each speaks to the engine is the driver's part, which is the same.
    suites: ['barrier-mysql', 'xa-mysql', 'outbox-drivers', 'barrier-kysely', 'barrier-typeorm'],
    passedMin: 90,
  },
  {
    title: 'Valkey',
    variable: 'TANDEM_TEST_VALKEY_URL',
    instead: 'TANDEM_TEST_REDIS',
    suites: ['barrier-redis'],
    passedMin: 20,
  },
] as const;

describe.each(twins)('$title (needs $variable)', ({ variable, instead, suites, passedMin }) => {
  const url = process.env[variable];
  if (url === undefined) console.warn(`the suites on another engine: NOT RUN, ${variable} is not set`);

  test.skipIf(url === undefined)('the suites pass', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-twin-'));
    try {
      const report = join(folder, 'report.json');
      const files = suites.map((name) => `packages/client/test/${name}.test.ts`);
      const env = { ...others(), [`${instead}_URL`]: url, [`${instead}_PROGRAMS`]: undefined };
      const args = ['--project=processes', ...files];
      const { failed, passed } = await runVitest({ folder: root, node: process.execPath, args, env, report });
      expect(failed).toEqual([]);
      expect(passed).toBeGreaterThan(passedMin);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** What this process has, without the engines: only the twin is tried here. */
function others(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TANDEM_TEST_')));
}
