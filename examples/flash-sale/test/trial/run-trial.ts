/** One sale under disasters, and its books at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  Buyers,
  discrepancies,
  layOut,
  openSale,
  readBooks,
  settled,
  type Books,
  type Told,
} from '@tandem/example-flash-sale';
import { ExampleProcess, type StartProcess } from '@tandem/example-stage';
import { Random } from '@tandem/torture/random';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { openInstance } from '../../../../scripts/services/instance.mjs';
import { drawDisasters, strike, type Killable, type Strike } from './disasters.js';

export interface TrialOptions {
  readonly seed: number;
  readonly buyers: number;
  readonly pieces: number;
}

export interface Trial {
  readonly disasters: { readonly drawn: number; readonly happened: number };
  readonly books: Books;
  readonly told: ReadonlyMap<string, Told>;
  /** What is not as it should be, in sentences. */
  readonly wrongs: readonly string[];
  readonly seconds: number;
}

const command = fileURLToPath(new URL('../../../../packages/server/bin/tandem.js', import.meta.url));
const atATime = 32;

/** Starts a PostgreSQL and a Redis of its own, to kill them. */
export async function runTrial({ seed, buyers: count, pieces }: TrialOptions): Promise<Trial> {
  const random = new Random(seed);
  const stop = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), 'tandem-flash-sale-trial-'));
  const processes: ExampleProcess[] = [];
  const start: StartProcess = (options) => {
    const child = new ExampleProcess({ ...options, cwd: folder });
    processes.push(child);
    return child;
  };
  const postgres = await openInstance('postgres');
  const redis = await openInstance('redis', ['--appendonly', 'yes', '--appendfsync', 'always']);
  const servers = { postgres, redis };
  try {
    await layOut(servers, pieces);
    const sale = await openSale({ command, servers, start });
    const clicking = random.fork('clicks');
    const buyers = new Buyers({ url: sale.url, stop: stop.signal, clicks: () => (clicking.chance(0.1) ? 2 : 1) });
    const disasters = drawDisasters(random.fork('disasters'), { buyers: count, pieces });
    const targets = {
      coordinator: sale.coordinator,
      shop: sale.shop,
      orders: sale.orders,
      postgres: answering(postgres, untilPostgresAnswers),
      redis: answering(redis, untilRedisAnswers),
    };
    const names = Array.from({ length: count }, (_, at) => `buyer-${at + 1}`);
    const beganAt = performance.now();
    const untilTold = (told: number): Promise<void> => buyers.untilTold(told);
    const over = buyers.come(names, atATime).then(() => settled(sale.coordinatorUrl, stop.signal));
    const crash: Strike['crash'] = (service, order) => sale.crash(service, order);
    const [happened] = await Promise.all([strike(disasters, { targets, untilTold, over, crash }), over]);
    const seconds = (performance.now() - beganAt) / 1_000;
    await settled(sale.coordinatorUrl, stop.signal);
    const changed = await askAgain(buyers, names);
    const books = await readBooks(servers);
    const fallen = [sale.coordinator, sale.shop, sale.orders]
      .filter(({ isRunning }) => !isRunning)
      .map(({ name, errorText }) => `${name} ended by itself: ${errorText}`);
    const wrongs = [...fallen, ...buyers.contradictions, ...changed, ...discrepancies(books, pieces, buyers.told)];
    return { disasters: { drawn: disasters.length, happened }, books, told: buyers.told, wrongs, seconds };
  } finally {
    stop.abort(new Error('the trial is over'));
    await Promise.all(processes.map((child) => child.end('SIGKILL')));
    await postgres.close();
    await redis.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Some of the buyers send their first attempt once more, when all is over: it must not become an order now, nor cease to be one. */
async function askAgain(buyers: Buyers, names: readonly string[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const buyer of names.filter((_, at) => at % 20 === 0)) {
    const before = buyers.told.get(buyer);
    const isFirst = before?.told === 'bought' && before.order.endsWith('-1');
    const { told } = await buyers.askUntilClear({ buyer, attempt: 1 });
    const isRight = isFirst ? told === 'bought' : told === 'given up' || told === 'sold out';
    if (!isRight) wrong.push(`${buyer} was told "${before?.told}", and "${told}" when asking again`);
  }
  return wrong;
}

type Instance = Awaited<ReturnType<typeof openInstance>>;

/** Started again when it answers: before that, it recovers what it had. */
function answering(instance: Instance, untilAnswers: (url: string) => Promise<void>): Killable {
  return {
    isRunning: true,
    ended: Promise.resolve(),
    kill: () => instance.kill(),
    pause: () => instance.pause(),
    resume: () => instance.resume(),
    start: async () => {
      await instance.start();
      await untilAnswers(instance.url);
    },
  };
}

async function untilPostgresAnswers(url: string): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: url });
    // A server that recovers may cut a connection that it has taken.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch {
      await delay(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function untilRedisAnswers(url: string): Promise<void> {
  const redis = new Redis(url);
  redis.on('error', () => undefined);
  // `ping` is answered with an error while it loads.
  while ((await redis.ping().catch(() => '')) !== 'PONG') await delay(50);
  redis.disconnect();
}
