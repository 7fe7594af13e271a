/** What the services in other languages work on, each test with coupons or a database of its own. */
import { randomUUID } from 'node:crypto';
import { createBarrierTable } from '@tandem/client/mysql';
import { createConnection, createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { createClient } from 'redis';
import type { Branch } from './foreign-service.js';

export const redisUrl = process.env['TANDEM_TEST_REDIS_URL'] ?? '';
export const mariadbUrl = process.env['TANDEM_TEST_MARIADB_URL'] ?? '';

/** What a service works on, and what is there after what. */
export interface Books {
  /** A branch of a new transaction, for somebody who can pay, or a coupon that is new. */
  branch(type: Branch['type'], more?: { readonly refused?: boolean }): Promise<Branch>;
  /** Of another transaction, on what the first one works on. */
  rival(branch: Branch): Branch;
  stateOf(branch: Branch): Promise<unknown>;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const newOrder = (): string => `o-${randomUUID()}`;

export async function openCoupons(): Promise<Books> {
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  const prefix = `coupons-${randomUUID()}:`;
  const keyOf = ({ payload }: Branch): string => `${prefix}coupon:${(payload as { readonly code: string }).code}`;
  return {
    env: { REDIS_URL: redisUrl, COUPON_PREFIX: prefix },
    branch: async (type, { refused = false } = {}) => {
      const branch = { gid: randomUUID(), type, payload: { order: newOrder(), code: `MAY-${randomUUID()}` } };
      await redis.set(keyOf(branch), refused ? 0 : 1);
      return branch;
    },
    rival: ({ type, payload }) => ({
      gid: randomUUID(),
      type,
      payload: { ...(payload as { readonly code: string }), order: newOrder() },
    }),
    stateOf: async (branch) => Number(await redis.get(keyOf(branch))),
    close: async () => {
      for await (const keys of redis.scanIterator({ MATCH: `${prefix}*`, COUNT: 1_000 })) {
        if (keys.length > 0) await redis.del(keys);
      }
      redis.destroy();
    },
  };
}

export async function openPayments(): Promise<Books> {
  const database = `payments_${String(process.pid)}_${String(Date.now())}`;
  const server = await createConnection(mariadbUrl);
  await server.query(`create database ${database}`);
  const url = new URL(mariadbUrl);
  url.pathname = `/${database}`;
  const pool: Pool = createPool({ uri: url.href, connectionLimit: 4 });
  await pool.query(
    'create table account (name varchar(64) primary key, balance bigint not null check (balance >= 0)) engine = innodb',
  );
  await pool.query(
    'create table payment (order_id varchar(64) primary key, account varchar(64) not null, amount bigint not null,' +
      ' status varchar(16) not null) engine = innodb',
  );
  await createBarrierTable(pool);
  const first = async (sql: string, value: string): Promise<Readonly<Record<string, unknown>> | undefined> =>
    (await pool.query<RowDataPacket[]>(sql, [value]))[0][0];
  return {
    env: { DATABASE_URL: url.href },
    branch: async (type, { refused = false } = {}) => {
      const account = randomUUID();
      await pool.query('insert into account values (?, ?)', [account, refused ? 1_998 : 2_000]);
      return { gid: randomUUID(), type, payload: { order: newOrder(), account, amount: 1_999 } };
    },
    rival: ({ type, payload }) => ({
      gid: randomUUID(),
      type,
      payload: { ...(payload as { readonly amount: number }), order: newOrder() },
    }),
    stateOf: async ({ payload }) => {
      const { order, account } = payload as { readonly order: string; readonly account: string };
      const money = await first('select balance from account where name = ?', account);
      const payment = await first('select status from payment where order_id = ?', order);
      return [Number(money?.['balance']), payment?.['status'] ?? 'none'];
    },
    close: async () => {
      await pool.end();
      await server.query(`drop database ${database}`);
      await server.end();
    },
  };
}
