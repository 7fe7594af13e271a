/**
 * A flash sale: 5,000 buyers for 1,000 pieces, while the shop, the coordinator and the order service are killed. The coordinator
 * (`tandem start`), the shop and the order service are processes of their own; the stock is in Redis, the orders are in PostgreSQL.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExampleProcess, Narrator, type StartProcess } from '@tandem/example-stage';
import { discrepancies, readBooks, settled } from './books.js';
import { Buyers } from './buyers.js';
import { crashes } from './story/sale-with-crashes.js';
import { Stage } from './story/stage.js';
import { openSale, type PartName } from './system/open-sale.js';
import { layOut, type Servers } from './system/servers.js';

export { discrepancies, readBooks, settled, type Books } from './books.js';
export { Buyers } from './buyers.js';
export type { Told } from './purchase.js';
export { openSale, type PartName, type Sale } from './system/open-sale.js';
export { layOut, type Server, type Servers } from './system/servers.js';

export interface DemonstrationOptions {
  /** Path of the `tandem` command's script. */
  readonly command: string;
  /** With nothing in them yet. */
  readonly servers: Servers;
  /** Ends the demonstration early. */
  readonly stop: AbortSignal;
  /** Default 1,000. */
  readonly pieces?: number;
  /** Default 5,000. */
  readonly buyers?: number;
  /** Kills nothing: shows how fast it is. */
  readonly isCalm?: boolean;
}

/** Few enough that no piece is gone before the story comes to it. */
const atATimeOf = (pieces: number): number => Math.min(64, Math.ceil(pieces / 15));

/** Runs the demonstration on the terminal; answers whether everything was as it should be. Leaves no process behind. */
export async function runDemonstration(options: DemonstrationOptions): Promise<boolean> {
  const { command, servers, stop } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tandem-flash-sale-'));
  const processes: ExampleProcess[] = [];
  const start: StartProcess = (one) => {
    stop.throwIfAborted();
    const child = new ExampleProcess({ ...one, cwd: folder });
    processes.push(child);
    return child;
  };
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason as Error));
  });
  try {
    return await Promise.race([tell({ ...options, start }), stopped]);
  } finally {
    await Promise.all(processes.map((child) => child.end('SIGTERM')));
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async function tell({ start }: { readonly start: StartProcess }): Promise<boolean> {
    const { pieces = 1_000, buyers: crowd = 5_000, isCalm = false } = options;
    const atATime = atATimeOf(pieces);
    const story = new Narrator();
    await layOut(servers, pieces);
    const sale = await openSale({ command, servers, start });
    story.heading('A coordinator and an order service on PostgreSQL, a shop on Redis, each a process of its own');
    for (const name of ['coordinator', 'shop', 'orders'] satisfies PartName[]) {
      story.line(`${sale[name].name.padEnd(18)} process ${sale[name].id}`);
    }

    story.heading(`${count(crowd)} buyers for ${count(pieces)} pieces, ${atATime} at a time`);
    const buyers = new Buyers({ url: sale.url, stop });
    const stage = new Stage({ story, sale, servers, buyers, stop });
    const names = Array.from({ length: crowd }, (_, at) => `buyer-${at + 1}`);
    const beganAt = performance.now();
    await Promise.all([buyers.come(names, atATime), isCalm ? undefined : crashes(stage, pieces)]);
    const seconds = (performance.now() - beganAt) / 1_000;
    story.line(`all have been told after ${seconds.toFixed(1)} s: ${Math.round(crowd / seconds)} purchases a second`);
    await settled(sale.coordinatorUrl, stop);
    const all = ((performance.now() - beganAt) / 1_000).toFixed(1);
    story.line(`the last order was there after ${all} s`);

    story.heading('The books');
    const books = await readBooks(servers);
    const { told } = buyers;
    const bought = [...told.values()].filter((one) => one.told === 'bought').length;
    story.line(`told "bought": ${count(bought)}   told "sold out": ${count(told.size - bought)}`);
    story.line(`pieces taken:  ${count(pieces - books.left)}   orders: ${count(books.orders.length)}`);
    const wrong = discrepancies(books, pieces, told);
    for (const one of wrong.slice(0, 10)) story.check(one, false);
    const isAll = books.left === 0 && books.orders.length === pieces;
    story.check(`every piece is sold once: ${count(pieces)} pieces, ${count(books.orders.length)} orders`, isAll);
    story.check('whoever was told "bought" has an order; whoever was told "sold out" has none', wrong.length === 0);
    return story.isRight;
  }
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
