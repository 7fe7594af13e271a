import { BranchFailure } from '@tandem/client';
import { createBarrierTable, pgXa } from '@tandem/client/pg';
import { Client, Pool, type PoolClient } from 'pg';
import { describe } from 'vitest';
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
