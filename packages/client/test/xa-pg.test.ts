import { BranchFailure } from '@tandem/client';
import { createBarrierTable, pgXa } from '@tandem/client/pg';
import { Client, Pool, type PoolClient } from 'pg';
import { describe, expect, test } from 'vitest';
import { openInstance } from '../../../scripts/services/instance.mjs';
import { xaCases } from './xa-cases.js';

const serverUrl = process.env['TANDEM_TEST_POSTGRES_URL'];
if (serverUrl === undefined) console.warn('XA on PostgreSQL: NOT RUN, TANDEM_TEST_POSTGRES_URL is not set');

describe.skipIf(serverUrl === undefined)('PostgreSQL (not run without TANDEM_TEST_POSTGRES_URL)', () => {
  const database = `tandem_xa_${String(process.pid)}`;
  const onServer = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: serverUrl });
    await client.connect();
    await client.query(sql);
    await client.end();
  };

  xaCases(async () => {
    await onServer(`create database ${database}`);
    const url = new URL(serverUrl ?? 'postgres://absent');
    url.pathname = `/${database}`;
    const pool = new Pool({ connectionString: url.href });
    await createBarrierTable(pool);
    await pool.query('create table account (name text primary key, balance integer not null)');
    await pool.query("insert into account values ('a', 1000), ('b', 1000)");
    const numberOf = async (source: Pool | PoolClient, sql: string): Promise<number> => {
      const { rows } = await source.query<{ n: string }>(sql);
      return Number(rows[0]?.n);
    };
    return {
      db: pgXa(pool),
      add: async (tx, amount, account = 'a') => {
        const client = tx as PoolClient;
        const sql = 'update account set balance = balance + $1 where balance + $1 >= 0 and name = $2';
        if ((await client.query(sql, [amount, account])).rowCount === 0) throw new BranchFailure('not enough');
        return numberOf(client, `select balance as n from account where name = '${account}'`);
      },
      balance: () => numberOf(pool, 'select sum(balance) as n from account'),
      prepared: () => numberOf(pool, 'select count(*) as n from pg_prepared_xacts where database = current_database()'),
      close: async () => {
        await pool.end();
        await onServer(`drop database ${database}`);
      },
    };
  });
});

const programs = process.env['TANDEM_TEST_POSTGRES_PROGRAMS'];
if (programs === undefined) console.warn('XA that is turned off: NOT RUN, TANDEM_TEST_POSTGRES_PROGRAMS is not set');

test.skipIf(programs === undefined)(
  'a PostgreSQL that prepares nothing is told as that (needs TANDEM_TEST_POSTGRES_PROGRAMS)',
  async () => {
    const instance = await openInstance('postgres', ['-c', 'max_prepared_transactions=0']);
    const pool = new Pool({ connectionString: instance.url });
    // The engine is taken away while the pool still has a connection.
    pool.on('error', () => undefined);
    try {
      // Its port is open before it takes anybody (57P03).
      const isReady = () =>
        createBarrierTable(pool).then(
          () => true,
          () => false,
        );
      await expect.poll(isReady, { timeout: 20_000 }).toBe(true);
      const prepared = pgXa(pool).prepare({ gid: 'g', branchId: '01', transType: 'xa' }, { run: () => 1 });
      await expect(prepared).rejects.toMatchObject({
        code: 'XA_NOT_AVAILABLE',
        message: /set max_prepared_transactions above 0/,
      });
    } finally {
      await pool.end();
      await instance.close();
    }
  },
);
