/**
 * What a run of Vitest came to, from its JSON report: counts, and time per suite.
 *
 * @typedef {object} VitestReport
 * @property {{ name: string, startTime: number, endTime: number, status: string, message?: string,
 *   assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[]} testResults
 *
 * @typedef {object} Suite
 * @property {string} name a package and its kind of tests, say "packages/store test"
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {number} seconds sum over its files, which may have run side by side
 */
import { relative } from 'node:path';

/** @param {string} path relative to the repository */
function suiteOf(path) {
  const parts = path.split('/');
  return parts[0] === 'packages' || parts[0] === 'examples' ? parts.slice(0, 3).join('/') : String(parts[0]);
}

/**
 * @param {VitestReport} report
 * @param {string} root
 * @returns {Suite[]} slowest first
 */
export function suitesOf(report, root) {
  /** @type {Map<string, Suite>} */
  const suites = new Map();
  for (const file of report.testResults) {
    const name = suiteOf(relative(root, file.name));
    const suite = suites.get(name) ?? { name, passed: 0, failed: 0, skipped: 0, seconds: 0 };
    suites.set(name, suite);
    for (const { status } of file.assertionResults) {
      if (status === 'passed') suite.passed += 1;
      else if (status === 'failed') suite.failed += 1;
      else suite.skipped += 1;
    }
    // A file that could not be loaded has no test to blame.
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) suite.failed += 1;
    suite.seconds += Math.max(0, file.endTime - file.startTime) / 1000;
  }
  return [...suites.values()].sort((a, b) => b.seconds - a.seconds);
}

/**
 * @param {VitestReport} report
 * @param {string} root
 * @returns {string[]} files in which nothing ran
 */
export function filesNotRun(report, root) {
  return report.testResults
    .filter((file) => file.assertionResults.length > 0)
    .filter((file) => file.assertionResults.every(({ status }) => status !== 'passed' && status !== 'failed'))
    .map((file) => relative(root, file.name));
}

/** Enough to tell what went wrong; the whole is further up in the output. */
const linesOfFailure = 6;

/**
 * What failed and why, to be said once more at the end of an output of thousands of lines.
 * @param {VitestReport} report
 * @param {string} root
 * @returns {{ title: string, message: string }[]} `message`: the first lines of the error
 */
export function failuresOf(report, root) {
  return report.testResults.flatMap(({ name, status, message = '', assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((result) => result.status === 'failed');
    if (failed.length === 0 && status === 'failed') return [{ title: file, message: beginningOf(message) }];
    return failed.map(({ fullName, failureMessages = [] }) => ({
      title: `${file}: ${fullName}`,
      message: beginningOf(failureMessages.join('\n')),
    }));
  });
}

/** @param {string} message */
const beginningOf = (message) => message.trim().split('\n', linesOfFailure).join('\n');

/** Variables that a test file looks at: setting them may be what makes it run. @param {string} source */
export function testVariables(source) {
  return [...new Set(source.match(/TANDEM_TEST_[A-Z0-9_]+/g))];
}

/**
 * How many tests were skipped for want of something that their title names: `DTM's Go SDK (needs Go 1.21 or newer)`.
 * @param {VitestReport} report
 * @returns {Map<string, number>} by what is needed
 */
export function needsNotMet(report) {
  /** @type {Map<string, number>} */
  const needs = new Map();
  for (const { assertionResults } of report.testResults) {
    for (const { status, fullName } of assertionResults) {
      const need = /\(needs (.+?)\)/.exec(fullName)?.[1];
      if (need === undefined || status === 'passed' || status === 'failed') continue;
      needs.set(need, (needs.get(need) ?? 0) + 1);
    }
  }
  return needs;
}

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @param {readonly Counts[]} parts @returns {Counts} */
export function total(parts) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const part of parts) {
    sum.passed += part.passed;
    sum.failed += part.failed;
    sum.skipped += part.skipped;
  }
  return sum;
}

/** The closing line of every script that runs tests. @param {Counts} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
