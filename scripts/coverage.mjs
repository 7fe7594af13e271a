/**
 * `npm run coverage`: what the suites of the packages below reach in their sources, as a table; then every line that no test
 * reaches and nobody has explained. Exits with 1 where there is one, or where an explanation explains nothing any more.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { explanations } from './coverage/explanations.mjs';
import { judge } from './coverage/judge.mjs';
import { reachedIn, uncoveredIn } from './coverage/uncovered.mjs';
import { runToEnd } from './processes/run-to-end.mjs';
import { installIfNeeded } from './workspace/install.mjs';
import { closingLine } from './testing/test-report.mjs';
import { root } from './workspace/root.mjs';

const packages = ['packages/protocol', 'packages/coordinator'];
const folder = join(root, 'coverage');
const report = join(folder, 'coverage-final.json');

// Suites run on the sources: nothing needs to be built.
await installIfNeeded();
rmSync(folder, { recursive: true, force: true });
const exitCode = await runToEnd(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...packages.map((name) => `${name}/`),
    // It runs the real coordinator, through faults that the other suites do not have.
    'simulation/',
    '--project=!clusters',
    // It runs broken machines, and so reaches nothing that the others do not.
    '--exclude=**/finds-defects.test.ts',
    '--silent',
    '--reporter=dot',
    '--coverage.enabled',
    '--coverage.provider=v8',
    '--coverage.reporter=text',
    '--coverage.reporter=json',
    `--coverage.reportsDirectory=${folder}`,
    '--coverage.reportOnFailure',
    ...packages.map((name) => `--coverage.include=${name}/src/**/*.ts`),
    '--coverage.exclude=**/*.test.ts',
  ],
  { cwd: root },
);
if (existsSync(report)) {
  /** @type {Parameters<typeof uncoveredIn>[0]} */
  const coverage = JSON.parse(readFileSync(report, 'utf8'));
  const { unexplained, idle, explained } = judge(uncoveredIn(coverage, root), explanations, isWritten);
  console.log('\nReached');
  for (const name of packages) {
    const files = Object.values(coverage).filter(({ path }) => path.startsWith(join(root, name, 'src')));
    console.log(`  ${name}: ${reachedIn(files)}`);
  }
  console.log(`${String(explained)} places that no test reaches are explained (docs/correctness/coverage.md).`);
  for (const { file, line, kind, code } of unexplained) {
    console.log(`NOT REACHED ${file}:${String(line)} (${kind}) ${code}`);
  }
  for (const { file, code } of idle) console.log(`EXPLAINS NOTHING ${file ?? 'any file'}: ${code}`);
  if (unexplained.length > 0 || idle.length > 0) process.exitCode = 1;
}
if (exitCode !== 0) process.exitCode = exitCode;
const isFine = process.exitCode === undefined || process.exitCode === 0;
console.log(closingLine({ passed: isFine ? 1 : 0, failed: isFine ? 0 : 1, skipped: 0 }));

/** @param {string} file @param {string} code */
function isWritten(file, code) {
  const path = join(root, file);
  return existsSync(path) && readFileSync(path, 'utf8').includes(code);
}
