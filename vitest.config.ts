import { defineConfig } from 'vitest/config';

/** Workspace packages resolve to their sources, so a test never runs against a stale build. */
const sourceConditions = ['tandem-source', 'module', 'node', 'development|production'];

const shared = {
  resolve: { conditions: sourceConditions },
  ssr: { resolve: { conditions: sourceConditions, externalConditions: sourceConditions } },
};

/**
 * How long `expect.poll` waits for what will come, in ms, where a test names no limit: Vitest's own is one second, which a busy machine
 * takes for one answer. Below the limit of the test, so that it is the expectation that speaks.
 */
const polledFor = (timeout: number) => ({ poll: { timeout } });

// No test takes as long as its limit where the machine is quiet: a limit is there to end what hangs, not to measure how busy it is.
const excluded = ['**/node_modules/**', '**/dist/**', '.cache/**'];

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'examples/*/src/**/*.test.ts',
            'simulation/src/**/*.test.ts',
            'torture/src/**/*.test.ts',
            'conformance/src/**/*.test.ts',
          ],
          exclude: excluded,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: polledFor(30_000),
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'scripts',
          include: ['scripts/**/*.test.mjs', 'bench/**/*.test.mjs'],
          exclude: excluded,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: polledFor(60_000),
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
        },
      },
      {
        // Engines and whole processes: two files at a time, so that none starves another of the machine.
        ...shared,
        test: {
          name: 'processes',
          include: [
            'packages/*/test/**/*.test.ts',
            'examples/*/test/**/*.test.ts',
            'simulation/test/**/*.test.ts',
            'torture/test/**/*.test.ts',
            'conformance/test/**/*.test.ts',
          ],
          exclude: [...excluded, '**/*.cluster.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: polledFor(60_000),
          sequence: { groupOrder: 2 },
          maxWorkers: 2,
        },
      },
      {
        // Clusters of engines and of nodes, their failovers, kills and cuts: `npm run test:clusters`, not `npm test`.
        ...shared,
        test: {
          name: 'clusters',
          include: [
            'packages/*/test/**/*.cluster.test.ts',
            'examples/*/test/**/*.cluster.test.ts',
            'torture/test/**/*.cluster.test.ts',
          ],
          exclude: excluded,
          testTimeout: 400_000,
          hookTimeout: 300_000,
          expect: polledFor(60_000),
          sequence: { groupOrder: 3 },
          maxWorkers: 2,
        },
      },
    ],
  },
});
