/**
 * `npm test`: installs, builds, provides real services, runs every suite, and says what did not run.
 *
 * `npm run test:clusters` does the same with `--clusters`: only the suites of clusters, which take minutes and which `npm test`
 * leaves out. Other arguments go to Vitest: `npm test -- packages/store` runs that folder's suites. Ends with a line of counts;
 * the exit code is 0 only if something ran and nothing failed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from './services/catalogue.mjs';
import { adviceFor } from './services/provide.mjs';
import { withServices } from './services/with-services.mjs';
import { runVitest } from './testing/run-vitest.mjs';
import {
  closingLine,
  failuresOf,
  filesNotRun,
  needsNotMet,
  suitesOf,
  testVariables,
  total,
} from './testing/test-report.mjs';
import { prepareWorkspace } from './workspace/prepare.mjs';
import { root } from './workspace/root.mjs';

const startedAt = Date.now();
const [first, ...rest] = process.argv.slice(2);
const isOfClusters = first === '--clusters';
const args = isOfClusters ? ['--project=clusters', ...rest] : ['--project=!clusters', ...process.argv.slice(2)];
await prepareWorkspace();
const { exitCode, report, missing } = await withServices(services, async ({ variables, missing }) => ({
  ...(await runVitest({ args, variables })),
  missing,
}));

const suites = report === undefined ? [] : suitesOf(report, root);
const counts = total(suites);
// A crash, or an error outside of any test, must not read as a pass.
const isBrokenOutsideOfTests = exitCode !== 0 && counts.failed === 0;
if (isBrokenOutsideOfTests) counts.failed = 1;
const hasRun = counts.passed + counts.failed > 0;

console.log('\nSuites');
for (const { name, passed, failed, skipped, seconds } of suites) {
  console.log(`  ${name.padEnd(28)} ${seconds.toFixed(1).padStart(7)} s   ${closingLine({ passed, failed, skipped })}`);
}
const notRun = report === undefined ? [] : filesNotRun(report, root);
const needs = report === undefined ? new Map() : needsNotMet(report);
if (missing.length > 0 || notRun.length > 0 || needs.size > 0) {
  console.log('\n!!! NOT RUN !!!');
  for (const { service } of missing) {
    console.log(`  every test that needs ${service.title} (${service.urlVariable})`);
    console.log(`    what helps: ${adviceFor(service)}`);
  }
  for (const [need, count] of needs) console.log(`  ${count} tests that need ${need}`);
  for (const file of notRun) {
    const variables = testVariables(readFileSync(join(root, file), 'utf8')).join(' and ');
    console.log(`  ${file}: all of it was skipped${variables === '' ? '' : `; to run it, set ${variables}`}`);
  }
}
for (const { title, message } of report === undefined ? [] : failuresOf(report, root)) {
  console.log(`\nFAILED ${title}\n  ${message.replaceAll('\n', '\n  ')}`);
}
if (isBrokenOutsideOfTests) console.log(`\nFAILED outside of any test: Vitest ended with ${String(exitCode)}`);
if (!hasRun) console.log('\nNo test ran.');
console.log(`\n${((Date.now() - startedAt) / 1000).toFixed(1)} s in all`);
console.log(closingLine(counts));
process.exitCode = hasRun && counts.failed === 0 ? 0 : exitCode === 0 ? 1 : exitCode;
