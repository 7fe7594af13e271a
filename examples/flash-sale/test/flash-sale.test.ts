/** The demonstration, with fewer buyers. */
import { fileURLToPath } from 'node:url';
import { isRunning } from '@tandem/example-stage';
import { runDemonstration } from '@tandem/example-flash-sale';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withInstances } from '../../../scripts/services/with-instances.mjs';

const needed = ['TANDEM_TEST_POSTGRES_PROGRAMS', 'TANDEM_TEST_REDIS_PROGRAMS'];
const isHere = needed.every((name) => (process.env[name] ?? '') !== '');
const command = fileURLToPath(new URL('../../../packages/server/bin/tandem.js', import.meta.url));

describe.skipIf(!isHere)('npm run example:flash-sale (needs PostgreSQL and Redis)', () => {
  let lines: string[];
  beforeEach(() => {
    lines = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  });
  afterEach(() => vi.restoreAllMocks());

  test('sells every piece once while shop, coordinator and order service are killed, and leaves no process behind', async () => {
    // Some fifteen seconds on a machine that has nothing else to do.
    const stop = AbortSignal.timeout(240_000);
    const wanted = { postgres: [], redis: ['--appendonly', 'yes', '--appendfsync', 'always'] };
    const isRight = await withInstances(wanted, (servers) =>
      runDemonstration({ command, servers, stop, pieces: 60, buyers: 150 }),
    );
    const output = lines.join('\n');
    expect(output).not.toContain('✘');
    expect(isRight, output).toBe(true);
    const told = [
      'the piece is taken, and the message is not submitted',
      'ann, who never asked again, has her order',
      'the message is prepared, and nothing is taken',
      'bob, who asks again, is told "given up"',
      'the coordinator is started again',
      'the order service is started again',
      'every piece is sold once: 60 pieces, 60 orders',
    ];
    expect(told.filter((text) => !output.includes(text))).toEqual([]);
    const ids = [...output.matchAll(/process (\d+)/g)].map(([, id]) => Number(id));
    expect(ids.length).toBeGreaterThanOrEqual(11);
    expect(ids.filter(isRunning)).toEqual([]);
  }, 300_000);
});
