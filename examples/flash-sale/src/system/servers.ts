import { createBarrierTable } from '@tandem/client/pg';
import { Redis } from 'ioredis';
import { Client } from 'pg';

/** A database server that runs, and can be killed and started again on the same data. */
export interface Server {
  readonly url: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface Servers {
  readonly postgres: Server;
  /** Has to keep what it has answered for: `appendonly yes`, `appendfsync always`. */
  readonly redis: Server;
}

/** Where the number of pieces that are left is kept. */
export const stockKey = 'sale:teapot';

/** The table of the order service and its barrier's, and the stock. */
export async function layOut({ postgres, redis }: Servers, pieces: number): Promise<void> {
  await onPostgres(postgres, async (client) => {
    await client.query('create table orders (id text primary key, buyer text not null)');
    await createBarrierTable(client);
    // The coordinator keeps its transactions apart from the shop's data.
    await client.query('create database coordinator');
  });
  await onRedis(redis, (client) => client.set(stockKey, pieces));
}

export function coordinatorStore({ postgres }: Servers): string {
  const url = new URL(postgres.url);
  url.pathname = '/coordinator';
  return url.href;
}

/** With a connection of its own, for as long as it takes. */
export async function onPostgres<T>({ url }: Server, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function onRedis<T>({ url }: Server, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
