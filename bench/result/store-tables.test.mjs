import { expect, test } from 'vitest';
import { storeTables } from './store-tables.mjs';

const common = { date: '', loadAverageBefore: 0, echoPerSecond: 1 };
const figures = { connections: 64, p50Ms: 1.234, p99Ms: 20, unexpectedAnswers: 0, cpuSecondsPer1000: 0.2 };
const ours = {
  ...common,
  label: 'Tandem',
  results: {
    saga2: [{ ...figures, perSecond: 4000, engineWalBytesPerTransaction: 1500 }],
    recovery: [{ perSecond: 3000, submitsPerSecond: 5000, cpuSecondsPer1000: 0.3 }],
    'grouped-store': [{ connections: 256, perSecond: 9000, ungroupedPerSecond: 1000, ratio: 9, p50Ms: 1, p99Ms: 2 }],
    'two-nodes': [{ oneNodePerSecond: 1000, twoNodesPerSecond: 900, share: 0.9 }],
    claims: [{ perSecond: 6000, claimed: 10_000, claimedTwice: 0 }],
  },
};
const theirs = { ...common, label: 'DTM', results: { saga2: [{ ...figures, perSecond: 800, unexpectedAnswers: 7 }] } };

test('two servers stand beside each other, with the ratio and the errors of each', () => {
  const lines = storeTables([ours, theirs]);
  expect(lines[0]).toBe(
    '| work | in flight | Tandem, per second | DTM | ratio | Tandem, p50 / p99 ms | errors | DTM, p50 / p99 ms | errors |',
  );
  expect(lines[2]).toBe('| saga, 2 steps | 64 | 4,000 | 800 | 5 | 1.23 / 20 | 0 | 1.23 / 20 | 7 |');
});

test('costs are told apart, and only what an engine counts', () => {
  const lines = storeTables([ours, theirs]);
  expect(lines).toContain('| work | in flight | server | CPU s per 1,000: server | engine | load | bytes of log |');
  expect(lines).toContain('| saga, 2 steps | 64 | Tandem | 0.2 |  |  | 1,500 |');
});

test('recovery, grouping and several nodes have tables where they were measured', () => {
  const text = storeTables([ours, theirs]).join('\n');
  expect(text).toContain('| finished per second, from the wake to the last | 3,000 |  |');
  expect(text).toContain('| 256 | 9,000 | 1,000 | 9 | 1 / 2 |  |');
  expect(text).toContain('| Tandem | share of one node | 0.9 |');
  expect(text).toContain('| Tandem | claimed, of them twice | 10,000, 0 |');
  expect(storeTables([theirs]).join('\n')).not.toContain('after an outage');
});
