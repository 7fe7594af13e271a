/**
 * The suites of Prisma, with the packed package, in a folder of their own. Its runtime comes from npm; its tools would fetch an engine for
 * migrations from a server of Prisma's, and do without where they are told of one: to generate a client, they never start it.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installed } from './runtimes/install-packed.js';
import { installSuites, modules, runSuite } from './runtimes/installed-suites.js';

const prisma = ['prisma', '@prisma/client', '@prisma/adapter-pg', '@prisma/adapter-mariadb'].map(
  (name) => `${name}@7.10.0`,
);
const hasEngines = ['POSTGRES', 'MARIADB'].every((name) => process.env[`TANDEM_TEST_${name}_URL`] !== undefined);

describe.skipIf(!hasEngines)('Prisma (needs PostgreSQL, MariaDB and npm)', () => {
  let installed: Installed;
  beforeAll(async () => {
    installed = await installSuites([...prisma, 'pg@8', 'mysql2@3']);
    const schema = await readFile(join(installed.folder, 'test', 'prisma', 'schema.prisma'), 'utf8');
    await generate(installed, 'schema.prisma', schema);
    const onMysql = schema.replace('postgresql', 'mysql').replace('generated/prisma', 'generated/prisma-mysql');
    await generate(installed, 'schema-mysql.prisma', onMysql);
  });
  // Undefined where the install failed.
  afterAll(() => (installed as Installed | undefined)?.close());

  test.each(Object.entries({ barrier: 70, readme: 0 }))('the cases of its %s pass', async (name, casesMin) => {
    const { failed, passed } = await runSuite(installed, process.execPath, `test/prisma/${name}-cases.ts`);
    expect(failed).toEqual([]);
    expect(passed).toBeGreaterThan(casesMin);
  });

  test("the example compiles with the generated client, and so does each use of the package's types", async () => {
    const compilerOptions = {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      target: 'es2023',
      module: 'nodenext',
      types: ['node'],
      typeRoots: [join(modules, '@types')],
    };
    const project = { compilerOptions, files: ['test/prisma/readme.ts', 'test/prisma/types.ts'] };
    await writeFile(join(installed.folder, 'tsconfig.json'), JSON.stringify(project));
    expect(await told(installed, [join(modules, 'typescript', 'bin', 'tsc')])).toBe('');
  });
});

async function generate(installed: Installed, name: string, schema: string): Promise<void> {
  const path = join(installed.folder, 'test', 'prisma', name);
  await writeFile(path, schema);
  const cli = join(installed.folder, 'node_modules', 'prisma', 'build', 'index.js');
  expect(await told(installed, [cli, 'generate', '--schema', path])).toContain('Generated Prisma Client');
}

/** What a program of Node says, also where it fails. */
async function told({ folder }: Installed, args: readonly string[]): Promise<string> {
  // Any program: it must be there, and is not started. The mirror is nowhere: nothing can be fetched.
  const own = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_ENGINES_MIRROR: 'http://127.0.0.1:9' };
  const env = { ...process.env, ...own, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  const ran = promisify(execFile)(process.execPath, [...args], { cwd: folder, env, timeout: 200_000 });
  const { stdout, stderr } = await ran.catch((error: unknown) => error as { stdout: string; stderr: string });
  return `${stdout}${stderr}`;
}
