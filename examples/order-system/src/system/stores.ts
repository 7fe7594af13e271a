/** The databases of the order system: what each service has, and what it begins with. */
import { createBarrierTable as createMysqlBarrierTable } from '@tandem/client/mysql';
import { createBarrierTable as createPgBarrierTable } from '@tandem/client/pg';
import { Redis } from 'ioredis';
import { createConnection, type Connection } from 'mysql2/promise';
import { Client } from 'pg';

/** Servers that run. Each user of this package has names of his own in them. */
export interface Servers {
  readonly postgres: string;
  readonly mariadb: string;
  readonly redis: string;
  /** What the names of databases and keys begin with: lower-case letters, digits and underlines. */
  readonly prefix: string;
}

/** What is there before the first order. */
export interface Supply {
  /** Pieces of each item. */
  readonly items: Readonly<Record<string, number>>;
  /** Each may be used once. */
  readonly coupons: readonly string[];
  /** Balances in cents. */
  readonly accounts: Readonly<Record<string, number>>;
}

/** Where each part finds its data. */
export interface Stores {
  readonly coordinator: string;
  readonly orders: string;
  readonly stock: string;
  readonly payments: string;
  readonly redis: string;
  readonly couponPrefix: string;
}

const orderTable = `create table orders (
  id text primary key, item text not null, coupon text not null, account text not null, amount bigint not null,
  mode text not null, status text not null
)`;

const itemTable = `create table item (
  name varchar(64) primary key,
  left_over int not null check (left_over >= 0),
  held int not null default 0 check (held >= 0)
)`;

export const accountTable = `create table account (name varchar(64) primary key, balance bigint not null check (balance >= 0))`;

export const paymentTable = `create table payment (
  order_id varchar(64) primary key, account varchar(64) not null, amount bigint not null, status varchar(16) not null
)`;

/** Creates databases, tables and keys. */
export async function createStores(servers: Servers, supply: Supply): Promise<Stores> {
  const stores = storesOf(servers);
  await untilAnswering(servers.postgres);
  await onPostgres(servers.postgres, async (client) => {
    for (const url of [stores.coordinator, stores.orders]) await client.query(`create database ${databaseOf(url)}`);
  });
  await onPostgres(stores.orders, async (client) => {
    await client.query(orderTable);
    await createPgBarrierTable(client);
  });
  await onMariadb(servers.mariadb, async (connection) => {
    await createMysqlBarrierTable(connection);
    for (const url of [stores.stock, stores.payments]) await connection.query(`create database ${databaseOf(url)}`);
  });
  await onMariadb(stores.stock, async (connection) => {
    await connection.query(itemTable);
    for (const [name, pieces] of Object.entries(supply.items)) {
      await connection.query('insert into item (name, left_over) values (?, ?)', [name, pieces]);
    }
  });
  await onMariadb(stores.payments, async (connection) => {
    await connection.query(accountTable);
    await connection.query(paymentTable);
    for (const account of Object.entries(supply.accounts)) {
      await connection.query('insert into account values (?, ?)', account);
    }
  });
  await onRedis(servers.redis, async (redis) => {
    for (const code of supply.coupons) await redis.set(`${stores.couponPrefix}coupon:${code}`, '1');
  });
  return stores;
}

/** Deletes what `createStores` made. The services must have ended. Marks of barriers stay. */
export async function dropStores(servers: Servers, { coupons }: Supply): Promise<void> {
  const stores = storesOf(servers);
  await onPostgres(servers.postgres, async (client) => {
    for (const url of [stores.coordinator, stores.orders]) {
      await client.query(`drop database if exists ${databaseOf(url)} with (force)`);
    }
  });
  await onMariadb(servers.mariadb, async (connection) => {
    for (const url of [stores.stock, stores.payments]) {
      await connection.query(`drop database if exists ${databaseOf(url)}`);
    }
  });
  await onRedis(servers.redis, (redis) => redis.del(...coupons.map((code) => `${stores.couponPrefix}coupon:${code}`)));
}

function storesOf({ postgres, mariadb, redis, prefix }: Servers): Stores {
  return {
    coordinator: inDatabase(postgres, `${prefix}_coordinator`),
    orders: inDatabase(postgres, `${prefix}_orders`),
    stock: inDatabase(mariadb, `${prefix}_stock`),
    payments: inDatabase(mariadb, `${prefix}_payments`),
    redis,
    couponPrefix: `${prefix}:`,
  };
}

function inDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** For what never comes: one that recovers on a busy machine has taken a quarter of it. */
const answerLimitMs = 120_000;

/** A PostgreSQL that listens may still refuse everybody: it starts, or recovers what it had. */
export async function untilAnswering(postgres: string): Promise<void> {
  const givenUpAt = performance.now() + answerLimitMs;
  for (;;) {
    try {
      await onPostgres(postgres, (client) => client.query('select 1'));
      return;
    } catch (error) {
      if (performance.now() > givenUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** With a connection of its own, for as long as it takes. */
export async function onPostgres<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  // A server that recovers may cut a connection that it has taken; the query is told as well.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function onMariadb<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

export async function onRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
