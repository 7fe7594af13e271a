import { expect, test } from 'vitest';
import { closingLine, filesNotRun, needsNotMet, suitesOf, total } from './test-report.mjs';

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
