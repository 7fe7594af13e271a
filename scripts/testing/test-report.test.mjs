import { expect, test } from 'vitest';
import { closingLine, failuresOf, filesNotRun, needsNotMet, suitesOf, total } from './test-report.mjs';

/** @param {string} name @param {readonly string[]} statuses @param {string} [status] */
function file(name, statuses, status = 'passed') {
  const assertionResults = statuses.map((one) => ({ status: one, fullName: one }));
  return { name: `/repo/${name}`, startTime: 0, endTime: 1500, status, assertionResults };
}

const report = {
  testResults: [
    file('packages/store/src/a.test.ts', ['passed', 'failed'], 'failed'),
    file('packages/store/src/deep/b.test.ts', ['passed']),
    file('packages/client/test/postgres.test.ts', ['skipped', 'pending']),
    file('scripts/broken.test.mjs', [], 'failed'),
  ],
};

test('files are counted by package and kind, and a file that cannot be loaded is a failure', () => {
  expect(suitesOf(report, '/repo')).toEqual([
    { name: 'packages/store/src', passed: 2, failed: 1, skipped: 0, seconds: 3 },
    { name: 'packages/client/test', passed: 0, failed: 0, skipped: 2, seconds: 1.5 },
    { name: 'scripts', passed: 0, failed: 1, skipped: 0, seconds: 1.5 },
  ]);
});

test('a file in which everything was skipped is told apart from one that failed', () => {
  expect(filesNotRun(report, '/repo')).toEqual(['packages/client/test/postgres.test.ts']);
});

test('what failed is told with the beginning of its error', () => {
  const long = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`).join('\n');
  const failing = { status: 'failed', fullName: 'pays once', failureMessages: [long] };
  const broken = { ...file('scripts/broken.test.mjs', [], 'failed'), message: 'Error: no such file' };
  const one = { ...file('a.test.ts', [], 'failed'), assertionResults: [failing, { status: 'passed', fullName: 'x' }] };
  expect(failuresOf({ testResults: [one, broken] }, '/repo')).toEqual([
    { title: 'a.test.ts: pays once', message: 'line 0\nline 1\nline 2\nline 3\nline 4\nline 5' },
    { title: 'scripts/broken.test.mjs', message: 'Error: no such file' },
  ]);
});

test('the closing line has its fixed form', () => {
  const counts = total(suitesOf(report, '/repo'));
  expect(closingLine(counts)).toBe('2 passed, 2 failed, 2 skipped');
  expect(closingLine({ ...counts, skipped: 0 })).toBe('2 passed, 2 failed');
});

test('what skipped tests need of the machine is taken from their titles', () => {
  const results = [
    { status: 'skipped', fullName: 'the SDK (needs Go 1.21 or newer) saga' },
    { status: 'pending', fullName: 'the SDK (needs Go 1.21 or newer) tcc' },
    { status: 'passed', fullName: 'the SDK (needs Java) saga' },
    { status: 'skipped', fullName: 'something else' },
  ];
  const one = { ...file('conformance/test/go.test.ts', []), assertionResults: results };
  expect([...needsNotMet({ testResults: [one] })]).toEqual([['Go 1.21 or newer', 2]]);
});
