/** The services in other languages, while they and their databases are killed: branches repeat, overlap and come in the wrong order. */
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '@tandem/torture/random';
import { describe, expect, test } from 'vitest';
import { openInstance } from '../../../scripts/services/instance.mjs';
import { ForeignService, type Branch } from './foreign-service.js';
import { subjects, type Mode } from './foreign-subjects.js';

const seed = Number(process.env['ORDER_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const branches = 240;
const atOnce = 12;
const kills = 8;

/** Redis has to keep what it has answered for; MariaDB does by itself. */
const engineArgs = { redis: ['--appendonly', 'yes', '--appendfsync', 'always'], mariadb: [] } as const;

describe.each(subjects)('$title, killed with its database', ({ isHere, program, open, engine, modes, atFirst }) => {
  const hasEngine = (process.env[`TANDEM_TEST_${engine.toUpperCase()}_PROGRAMS`] ?? '') !== '';

  test.runIf(isHere && hasEngine)('gives every branch one effect, or none', { timeout: 300_000 }, async () => {
    const random = new Random(seed);
    const database = await openInstance(engine, engineArgs[engine]);
    const books = await open(database.url);
    const service = new ForeignService(await program(), books.env);
    try {
      await service.start();
      const drawn = await Promise.all(Array.from({ length: branches }, () => drawBranch(random, modes, books.branch)));
      let left = branches;
      const queue = drawn.map((one) => () => carryOut(service, one).finally(() => (left -= 1)));
      const workers = Array.from({ length: atOnce }, async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) await next();
      });
      await Promise.all([...workers, killBoth()]);
      for (const { branch, mode, order } of drawn) {
        const state = await books.stateOf(branch);
        const wanted = order.includes('back') ? [atFirst, mode.undone] : [mode.done];
        expect(wanted, `ORDER_SEED=${seed} ${JSON.stringify({ ...branch, order })}`).toContainEqual(state);
      }

      async function killBoth(): Promise<void> {
        for (let count = 1; count <= kills; count += 1) {
          while (left > branches * (1 - count / (kills + 1))) await delay(5);
          const victim = random.chance(0.5) ? service : database;
          await victim.kill();
          await delay(random.integer(0, 300));
          await victim.start();
        }
      }
    } finally {
      await service.kill();
      await books.close().catch(() => undefined);
      await database.close();
    }
  });
});

interface Drawn {
  readonly branch: Branch;
  readonly mode: Mode;
  /** Calls that go out one after the other, or all at the same moment. */
  readonly order: readonly ('forth' | 'back')[];
  readonly isOverlapping: boolean;
}

async function drawBranch(random: Random, modes: readonly Mode[], open: (type: Branch['type']) => Promise<Branch>) {
  const mode = random.pick(modes);
  const order = random.pick<Drawn['order']>([
    ['forth'],
    ['forth', 'forth'],
    ['forth', 'back', 'back'],
    ['back', 'forth'],
    ['back', 'forth', 'back'],
    ['forth', 'back', 'forth'],
  ]);
  const drawn: Drawn = { branch: await open(mode.type), mode, order, isOverlapping: random.chance(0.5) };
  return drawn;
}

/** Every call until its answer is clear, as a coordinator does it. */
async function carryOut(service: ForeignService, { branch, mode, order, isOverlapping }: Drawn): Promise<void> {
  const call = async (way: 'forth' | 'back'): Promise<void> => {
    const [path, op] = mode[way];
    while ((await service.call(path, op, branch).catch(() => 0)) !== 200) await delay(50);
  };
  if (isOverlapping) await Promise.all(order.map(call));
  else for (const way of order) await call(way);
}
