/**
 * Orders over four services and three kinds of databases: they succeed, they are refused, and a coordinator and a service die in
 * the middle. Two coordinators (`tandem start`) and the services are processes of their own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExampleProcess, Narrator, type StartProcess } from '@tandem/example-stage';
import { isRefused, succeeds, survivesCoordinator, survivesService } from './story/scenarios.js';
import { Stage } from './story/stage.js';
import { openSystem } from './system/open-system.js';
import { createStores, dropStores, type Servers, type Supply } from './system/stores.js';

export { placeOrder } from './customer.js';
export type { Order, OrderAnswer, OrderStatus } from './order.js';
export { discrepancies, readBooks, sumsOf, type Books } from './system/books.js';
export { openSystem, serviceNames, type ServiceName, type System, type SystemOptions } from './system/open-system.js';
export { createStores, dropStores, type Servers, type Stores, type Supply } from './system/stores.js';

export interface DemonstrationOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  readonly servers: Omit<Servers, 'prefix'>;
  /** Ends the demonstration early. */
  readonly stop: AbortSignal;
}

const supply: Supply = {
  items: { teapot: 50, vase: 1 },
  coupons: Array.from({ length: 30 }, (_, at) => `MAY-${at + 1}`),
  accounts: { ann: 100_000, bob: 500 },
};

/** A lease of 3 s instead of 15 s, so that the takeover is seen soon. */
const coordinatorEnv = {
  TANDEM_LEASE: '3',
  TANDEM_LEASE_SKEW: '0.5',
  TRANS_CRON_INTERVAL: '0.5',
  TANDEM_RETRY_INTERVAL_MAX: '5',
};

/** Runs the demonstration on the terminal; answers whether everything was as it should be. Leaves nothing behind. */
export async function runDemonstration({ command, servers, stop }: DemonstrationOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-order-system-'));
  const processes: ExampleProcess[] = [];
  const start: StartProcess = (options) => {
    stop.throwIfAborted();
    const child = new ExampleProcess({ ...options, cwd: folder });
    processes.push(child);
    return child;
  };
  const named = { ...servers, prefix: `shop_${process.pid}` };
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason as Error));
  });
  try {
    const stores = await createStores(named, supply);
    return await Promise.race([told(stores), stopped]);
  } finally {
    for (const child of processes) child.signal('SIGCONT');
    await Promise.all(processes.map((child) => child.end('SIGTERM')));
    await dropStores(named, supply);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async function told(stores: Awaited<ReturnType<typeof createStores>>): Promise<boolean> {
    const story = new Narrator();
    const system = await openSystem({ command, stores, start, coordinatorEnv, languages: wantedLanguages() });
    story.heading('Two coordinators on one PostgreSQL, and four services, each a process of its own');
    for (const { name, id } of system.coordinators) story.line(`${name.padEnd(13)} process ${id}`);
    for (const name of ['order', 'stock', 'coupon', 'payment'] as const) {
      story.line(`${name.padEnd(13)} process ${system.services[name].id}   ${system.languages[name]}`);
    }
    const stage = new Stage(story, system, { stores, supply, stop });
    for (const scenario of [succeeds, isRefused, survivesCoordinator, survivesService]) await scenario(stage);
    story.heading(story.isRight ? 'All ended as they should; the books balance.' : 'Something went WRONG.');
    return story.isRight;
  }
}

function wantedLanguages(): 'all' | 'typescript' {
  return process.env['ORDER_LANGUAGES'] === 'typescript' ? 'typescript' : 'all';
}
