/**
 * `npm run verify`: the whole gate. Every check runs even if one before it failed, so that one run tells all.
 *
 * `--without-tests` leaves the suites out. Ends with a line of counts, in which each check counts as one.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from './processes/run-to-end.mjs';
import { closingLine } from './testing/test-report.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

await prepareWorkspace();

/** @param {string} path @param {readonly string[]} args */
const installed = (path, ...args) => [join(root, 'node_modules', path), ...args];
/** @param {string} name */
const script = (name) => [join(root, 'scripts', name)];

const workers = String(Math.min(2, availableParallelism()));

/** @type {[name: string, args: string[]][]} */
const checks = [
  ['format', installed('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')],
  ['lint', installed('eslint/bin/eslint.js', '--max-warnings=0', '.')],
  ['types', installed('typescript/bin/tsc', '-b')],
  ['types of tests and scripts', installed('typescript/bin/tsc', '-p', 'tsconfig.check.json')],
  ['dependency rule', script('check-dependency-rule.mjs')],
  ['documentation', script('check-documentation.mjs')],
  ['API reference', [...script('api-reference.mjs'), '--check']],
  ['simulation', [join(root, 'simulation', 'dist', 'cli', 'simulate.js'), '--seeds', '20000', '--workers', workers]],
  ['sabotage', [join(root, 'simulation', 'dist', 'sabotage', 'sabotage.js'), '--workers', workers]],
];
if (!process.argv.includes('--without-tests')) {
  checks.push(['tests', script('test.mjs')], ['coverage of protocol and coordinator', script('coverage.mjs')]);
}

/** @type {string[]} */
const summary = [];
let failed = 0;
for (const [name, args] of checks) {
  console.log(`\n== ${name}`);
  const startedAt = Date.now();
  const exitCode = await runToEnd(process.execPath, args, { cwd: root });
  if (exitCode !== 0) failed += 1;
  const took = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(7);
  summary.push(`  ${exitCode === 0 ? 'ok    ' : 'FAILED'} ${took} s  ${name}`);
  if (exitCode > 128) break;
}
console.log(`\nChecks\n${summary.join('\n')}`);
console.log(closingLine({ passed: summary.length - failed, failed, skipped: 0 }));
process.exitCode = failed === 0 ? 0 : 1;
