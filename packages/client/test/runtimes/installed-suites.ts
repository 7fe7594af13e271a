/** Suites of this package, run with the packed package and with what npm fetches for them, in a folder of their own. */
import { execFile } from 'node:child_process';
import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installPacked, type Installed } from './install-packed.js';

const workspaces = ['@tandem/client', '@tandem/protocol', '@tandem/coordinator', '@tandem/store'];
const tests = fileURLToPath(new URL('..', import.meta.url));
export const modules = fileURLToPath(new URL('../../../../node_modules', import.meta.url));

/** What came of a suite. */
export interface SuiteRun {
  readonly failed: readonly string[];
  readonly passed: number;
}

/** Installs what npm takes, beside the packed package and its tests. */
export async function installSuites(others: readonly string[]): Promise<Installed> {
  const installed = await installPacked(workspaces, others);
  // What stands in for generated files stays behind.
  const filter = (path: string): boolean => !path.endsWith('/generated');
  await cp(tests, join(installed.folder, 'test'), { recursive: true, filter });
  await symlink(join(modules, 'vitest'), join(installed.folder, 'node_modules', 'vitest'));
  const include = ['test/**/*.test.ts', 'test/*/*-cases.ts'];
  const limits = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };
  const settings = { test: { include, ...limits, maxWorkers: 1 } };
  await writeFile(join(installed.folder, 'vitest.config.js'), `export default ${JSON.stringify(settings)};`);
  return installed;
}

/** Runs one suite under this Node. */
export async function runSuite({ folder }: Installed, node: string, suite: string): Promise<SuiteRun> {
  const report = join(folder, `${suite.replaceAll('/', '-')}.json`);
  return runVitest({ folder, node, args: [suite], env: process.env, report });
}

interface VitestRun {
  /** Whose Vitest and configuration it is. */
  readonly folder: string;
  readonly node: string;
  /** After those that this function gives. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Path of the report, which is read at the end. */
  readonly report: string;
}

/** Runs suites in a Vitest of their own. Throws when it ends without a report, or not within 380 s. */
export async function runVitest({ folder, node, args, env, report }: VitestRun): Promise<SuiteRun> {
  const vitest = [join(folder, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--root', folder];
  const own = { ...env, VITEST: undefined, VITEST_WORKER_ID: undefined, VITEST_POOL_ID: undefined };
  const all = [...vitest, '--reporter=json', `--outputFile=${report}`, ...args];
  const run = promisify(execFile)(node, all, { cwd: folder, env: own, timeout: 380_000 });
  // Fails where a case does.
  const ended = await run.catch((error: unknown) => error);
  const text = await readFile(report, 'utf8').catch(() => {
    throw new Error(`${args.join(' ')} ended without a report`, { cause: ended });
  });
  const { testResults, numPassedTests } = JSON.parse(text) as Report;
  const failed = testResults.flatMap((file) => [
    ...(file.status === 'failed' ? [file.message] : []),
    ...file.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => [fullName, ...failureMessages].join('\n')),
  ]);
  return { failed, passed: numPassedTests };
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}
