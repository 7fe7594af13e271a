/** The books: what is left in Redis, the orders in PostgreSQL, and what buyers were told. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Told } from './purchase.js';
import { onPostgres, onRedis, stockKey, type Servers } from './system/servers.js';

export interface Books {
  /** Pieces that are left. */
  readonly left: number;
  readonly orders: readonly { readonly id: string; readonly buyer: string }[];
}

export async function readBooks({ postgres, redis }: Servers): Promise<Books> {
  const left = await onRedis(redis, (client) => client.get(stockKey));
  const { rows } = await onPostgres(postgres, (client) =>
    client.query<Books['orders'][number]>('select id, buyer from orders order by id'),
  );
  return { left: Number(left), orders: rows };
}

/** Everything that does not balance, in sentences; none is as it should be. */
export function discrepancies(books: Books, pieces: number, told: ReadonlyMap<string, Told>): string[] {
  const found: string[] = [];
  const taken = pieces - books.left;
  if (books.left < 0) found.push(`${-books.left} pieces were sold that there are not`);
  if (taken !== books.orders.length)
    found.push(`${taken} pieces were taken, and there are ${books.orders.length} orders`);
  const orders = new Map(books.orders.map(({ id, buyer }) => [id, buyer]));
  const withOrder = new Set(orders.values());
  if (withOrder.size !== orders.size) found.push(`${orders.size} orders are those of ${withOrder.size} buyers`);
  for (const [buyer, answer] of told) {
    if (answer.told === 'bought' && orders.get(answer.order) !== buyer) found.push(`${buyer} bought, and has no order`);
    if (answer.told === 'sold out' && withOrder.has(buyer))
      found.push(`${buyer} was told "sold out", and has an order`);
  }
  return found;
}

/** Resolves when the coordinator has ended every transaction. While it is down, it has not. */
export async function settled(coordinatorUrl: string, stop: AbortSignal): Promise<void> {
  while ((await unfinished(coordinatorUrl).catch(() => 1)) > 0) {
    stop.throwIfAborted();
    await delay(100);
  }
}

/** How many it has that have not ended, a thousand at most. */
async function unfinished(coordinatorUrl: string): Promise<number> {
  const response = await fetch(`${coordinatorUrl}/api/dtmsvr/all?finished=false&limit=1000`);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const page = (await response.json()) as { readonly transactions: readonly unknown[]; readonly next_position: string };
  // A page may be empty although there are more.
  return page.transactions.length + (page.next_position === '' ? 0 : 1);
}
