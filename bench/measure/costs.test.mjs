import { expect, test } from 'vitest';
import { costsEach } from './costs.mjs';

const before = {
  serverCpuSeconds: 1,
  mainThreadCpuSeconds: 0.5,
  engineCpuSeconds: 2,
  loadCpuSeconds: 3,
  store: { writes: 100, syncs: 50 },
  engine: { commits: 10, walBytes: 1000 },
};
const after = {
  serverCpuSeconds: 2,
  mainThreadCpuSeconds: 1,
  engineCpuSeconds: 2.5,
  loadCpuSeconds: 3.25,
  store: { writes: 1600, syncs: 100 },
  engine: { commits: 60, walBytes: 501_000 },
};

test('costs are told for each transaction, and apart for server, engine and load', () => {
  expect(costsEach(before, after, 500)).toEqual({
    cpuSecondsPer1000: 2,
    mainThreadCpuSecondsPer1000: 1,
    engineCpuSecondsPer1000: 1,
    loadCpuSecondsPer1000: 0.5,
    commitsPerTransaction: 3,
    syncsPerTransaction: 0.1,
    engineCommitsPerTransaction: 0.1,
    engineWalBytesPerTransaction: 1000,
  });
});

test('what a server or an embedded store does not tell is left out', () => {
  const bare = { engineCpuSeconds: undefined, store: undefined, engine: undefined };
  expect(Object.keys(costsEach({ ...before, ...bare }, { ...after, ...bare }, 500))).toEqual([
    'cpuSecondsPer1000',
    'mainThreadCpuSecondsPer1000',
    'loadCpuSecondsPer1000',
  ]);
});
