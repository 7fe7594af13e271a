/** What the services in other languages work on, each test with coupons or a database of its own. */
import { randomUUID } from 'node:crypto';
import { createBarrierTable } from '@tandem/client/mysql';
import { Redis } from 'ioredis';
import { createPool, type RowDataPacket } from 'mysql2/promise';
import { accountTable, onMariadb, paymentTable } from '../src/system/stores.js';
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

export async function openCoupons(url: string): Promise<Books> {
  const redis = new Redis(url);
  redis.on('error', () => undefined);
  const prefix = `coupons-${randomUUID()}:`;
  const keyOf = ({ payload }: Branch): string => `${prefix}coupon:${(payload as { readonly code: string }).code}`;
  return {
    env: { REDIS_URL: url, COUPON_PREFIX: prefix },
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
      const keys = await redis.keys(`${prefix}*`);
      if (keys.length > 0) await redis.del(keys);
      redis.disconnect();
    },
  };
}

export async function openPayments(server: string): Promise<Books> {
  const database = `payments_${process.pid}_${Date.now()}`;
  await onMariadb(server, (connection) => connection.query(`create database ${database}`));
  const url = new URL(server);
  url.pathname = `/${database}`;
  const pool = createPool({ uri: url.href, connectionLimit: 4 });
  await pool.query(accountTable);
  await pool.query(paymentTable);
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
      await onMariadb(server, (connection) => connection.query(`drop database ${database}`));
    },
  };
}
