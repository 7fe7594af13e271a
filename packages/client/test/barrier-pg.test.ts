import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, pg } from '@tandem/client/pg';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barrierCases } from './barrier-cases.js';
import type { BarrierEngine } from './barrier-engine.js';
import { createPostgresDatabase, postgresUrl, type PostgresDatabase } from './postgres-database.js';

if (postgresUrl === undefined) console.warn('PostgreSQL barriers: NOT RUN, TANDEM_TEST_POSTGRES_URL is not set');

describe.skipIf(postgresUrl === undefined)('PostgreSQL (not run without TANDEM_TEST_POSTGRES_URL)', () => {
  let database: PostgresDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await createPostgresDatabase('tandem_client');
    pool = new Pool({ connectionString: database.url });
    await Promise.all(Array.from({ length: 4 }, () => createBarrierTable(pool)));
    await pool.query('create table account (balance integer)');
    await pool.query('insert into account values (0)');
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  barrierCases(async () => engineOn(pool));

  const action = { transType: 'saga', branchId: '01', op: 'action' };

  test("the barrier works on the table that DTM's script makes", async () => {
    await pool.query('create schema theirs');
    await pool.query(`create table theirs.barrier (id bigserial primary key, trans_type varchar(45) default '',
      gid varchar(128) default '', branch_id varchar(128) default '', op varchar(45) default '',
      barrier_id varchar(45) default '', reason varchar(45) default '',
      create_time timestamp(0) with time zone default null, update_time timestamp(0) with time zone default null,
      constraint uniq_barrier unique (gid, branch_id, op, barrier_id))`);
    const db = pg(pool, { table: 'theirs.barrier' });
    const gid = newGid();
    await new Barrier({ ...action, gid }).transaction(db, () => 1);
    expect(await new Barrier({ ...action, gid }).transaction(db, () => 1)).toMatchObject({ skipped: 'repeated' });
    const { rows } = await pool.query('select gid, create_time is not null as has_time from theirs.barrier');
    expect(rows).toEqual([{ gid, has_time: true }]);
  });

  test('the back-check reads the table that is configured', async () => {
    await createBarrierTable(pool, { table: 'elsewhere.guards' });
    const db = pg(pool, { table: 'elsewhere.guards' });
    const message = { gid: newGid(), transType: 'msg', branchId: '00', op: 'msg' };
    await new Barrier(message).transaction(db, () => 1);
    expect(await new Barrier(message).backCheck(db)).toBe('committed');
  });

  test('a statement that failed and was caught inside the work does not pass for a commit', async () => {
    const gid = newGid();
    const work = new Barrier({ ...action, gid }).transaction(pg(pool), async (client) => {
      await client.query('select no_such_column').catch(() => undefined);
      return 'looks fine';
    });
    await expect(work).rejects.toThrow(/rolled it back/);
  });

  test('work that answers something to be awaited, but no Promise, is awaited before the commit', async () => {
    const gid = newGid();
    // What a query builder is: it runs when it is awaited.
    const builder = (run: () => Promise<number>): PromiseLike<number> => ({
      then: (onValue, onError) => run().then(onValue, onError),
    });
    const work = new Barrier({ ...action, gid }).transaction(pg(pool), (client) =>
      builder(
        async () => (await client.query('select 1 where pg_current_xact_id_if_assigned() is not null')).rows.length,
      ),
    );
    expect(await work).toEqual({ done: true, value: 1 });
  });

  test('a client that has a transaction open is not committed by barrier.transaction', async () => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('begin');
      const work = new Barrier({ ...action, gid: newGid() }).transaction(pg(client), () => 1);
      await expect(work).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
      await client.query('rollback');
      expect(await new Barrier({ ...action, gid: newGid() }).transaction(pg(client), () => 1)).toMatchObject({
        done: true,
      });
    } finally {
      await client.end();
    }
  });

  test('a missing table is named, with what to do about it', async () => {
    const db = pg(pool, { table: 'nowhere.guards' });
    const work = new Barrier({ ...action, gid: newGid() }).transaction(db, () => 1);
    await expect(work).rejects.toMatchObject({ code: 'BARRIER_TABLE_MISSING', message: /nowhere\.guards/ });
  });

  test('a connection that dies in the middle is thrown away, and the work is rolled back', async () => {
    const gid = newGid();
    const work = new Barrier({ ...action, gid }).transaction(pg(pool), async (client) => {
      await client.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(work).rejects.toThrow();
    expect(await new Barrier({ ...action, gid }).transaction(pg(pool), () => 1)).toMatchObject({ done: true });
  });
});

function engineOn(pool: Pool): BarrierEngine {
  const db = pg(pool, { checkLockTimeout: '50ms' });
  return {
    add: (barrier, amount, error) =>
      barrier.transaction(db, async (client) => {
        await client.query('update account set balance = balance + $1', [amount]);
        if (error !== undefined) throw error;
        return amount;
      }),
    addWithin: async (barrier, amounts, end) => {
      const client = await pool.connect();
      await client.query('begin');
      const results = [];
      for (const amount of amounts) {
        const add = barrier.run(pg(client), async () => {
          await client.query('update account set balance = balance + $1', [amount]);
          return amount;
        });
        results.push(await add);
      }
      await client.query(end);
      client.release();
      return results;
    },
    runOutside: async (barrier) => {
      const client = await pool.connect();
      try {
        await expect(barrier.run(db, () => 1)).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
        return await barrier.run(pg(client), () => 1);
      } finally {
        client.release();
      }
    },
    backCheck: (barrier) => barrier.backCheck(db),
    whileOpen: async (barrier, end, meanwhile) => {
      const client = await pool.connect();
      await client.query('begin');
      await barrier.run(pg(client), () => client.query('update account set balance = balance + 1'));
      await meanwhile();
      await client.query(end);
      client.release();
    },
    addStalled: async (barrier, amount, meanwhile) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('select balance from account');
        await meanwhile();
        await barrier.run(pg(client), () => client.query('update account set balance = balance + $1', [amount]));
        await client.query('commit');
      } finally {
        await client.query('rollback');
        client.release();
      }
    },
    db,
    age: (gid) =>
      pool.query("update dtm_barrier.barrier set create_time = now() - interval '2 days' where gid = $1", [gid]),
    balance: async () => (await pool.query<{ balance: number }>('select balance from account')).rows[0]?.balance ?? NaN,
    rows: async (gid) => {
      const line = "concat_ws(' ', branch_id, op, barrier_id, reason) as line";
      const sql = `select ${line} from dtm_barrier.barrier where gid = $1 order by id`;
      return (await pool.query<{ line: string }>(sql, [gid])).rows.map((row) => row.line);
    },
    close: async () => undefined,
  };
}
