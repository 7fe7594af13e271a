import { expect, test } from 'vitest';
import { summary, type Outcome } from './summary.js';

const outcome: Outcome = {
  seed: 7,
  loadMs: 10_000,
  counts: new Map([['kill', 3]]),
  missing: [],
  recoveries: [400, 500, 2_000],
  starts: 4,
  madeUp: [],
  succeeded: 90,
  failed: 10,
  checks: [
    { name: 'one promise', broken: [] },
    { name: 'another', broken: [] },
  ],
};

test('the last line counts promises, as CI reads it', () => {
  expect(summary(outcome).at(-1)).toBe('2 passed, 0 failed');
  expect(summary(outcome)).toContain('Transactions: 90 succeeded, 10 failed, 10/s over 10.00 s');
  expect(summary(outcome)).toContain(
    'From a kill until the next transaction succeeds: median 0.50 s, worst 2.00 s, of 3',
  );
});

test('kinds that were asked for alone are told, and only then', () => {
  const lines = summary({ ...outcome, madeUp: ['xa', 'tcc'] });
  expect(lines).toContain('Made up alone after the faults: xa, tcc');
  expect(summary(outcome).join('\n')).not.toContain('Made up');
});

test('a fault that could not be struck is told and counted as skipped', () => {
  const lines = summary({ ...outcome, missing: [{ name: 'slow-sync', why: 'no compiler', whatHelps: 'gcc' }] });
  expect(lines.at(-1)).toBe('2 passed, 0 failed, 1 skipped');
  expect(lines.join('\n')).toMatch(/slow-sync +!!! NOT RUN !!! no compiler/);
});

test('a broken promise shows its first cases and the seed', () => {
  const broken = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const lines = summary({ ...outcome, checks: [{ name: 'one promise', broken }] });
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(lines.join('\n')).toMatch(/BROKEN one promise\n +a\n +b\n +c\n +d\n +e\n +and 2 more/);
  expect(lines).toContain('seed 7');
});
