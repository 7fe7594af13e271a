import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, mysql } from '@tandem/client/mysql';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barrierCases } from './barrier-cases.js';
import type { BarrierEngine } from './barrier-engine.js';
import { mariadbUrl, numberOf, openMysqlDatabase } from './mysql-database.js';

if (mariadbUrl === undefined) console.warn('MariaDB barriers: NOT RUN, TANDEM_TEST_MARIADB_URL is not set');

const options = { table: 'barrier', checkLockTimeout: '1s' } as const;

describe.skipIf(mariadbUrl === undefined)('MariaDB (not run without TANDEM_TEST_MARIADB_URL)', () => {
  let database: Awaited<ReturnType<typeof openMysqlDatabase>>;
  beforeAll(async () => {
    database = await openMysqlDatabase('tandem_barrier');
    await Promise.all(Array.from({ length: 4 }, () => createBarrierTable(database.pool, options)));
    await database.pool.query('create table account (balance int)');
    await database.pool.query('insert into account values (0)');
  });
  afterAll(() => database.close());

  barrierCases(async () => engineOn(database.pool));

  const action = { transType: 'saga', branchId: '01', op: 'action' };

  test("the barrier works on the table that DTM's script makes, in a database of its own", async () => {
    const schema = `tandem_theirs_${String(process.pid)}`;
    await database.pool.query(`create database ${schema}`);
    try {
      await database.pool.query(`create table ${schema}.barrier (id bigint(22) primary key auto_increment,
        trans_type varchar(45) default '', gid varchar(128) default '', branch_id varchar(128) default '',
        op varchar(45) default '', barrier_id varchar(45) default '', reason varchar(45) default '',
        create_time datetime default now(), update_time datetime default now(), key(create_time), key(update_time),
        unique key(gid, branch_id, op, barrier_id))`);
      const db = mysql(database.pool, { table: `${schema}.barrier` });
      const gid = newGid();
      expect(await new Barrier({ ...action, gid }).transaction(db, () => 1)).toEqual({ done: true, value: 1 });
      expect(await new Barrier({ ...action, gid }).transaction(db, () => 1)).toMatchObject({ skipped: 'repeated' });
    } finally {
      await database.pool.query(`drop database ${schema}`);
    }
  });

  test('a deadlock that the work has caught does not pass for a commit', async () => {
    const { pool } = database;
    await pool.query('create table slot (id int primary key, pieces int)');
    await pool.query('insert into slot values (1, 0), (2, 0)');
    const other = await pool.getConnection();
    await other.beginTransaction();
    // It has more to lose, so the engine ends the other.
    await other.query(`insert into slot values ${Array.from({ length: 50 }, (_, at) => `(${at + 3}, 0)`).join(', ')}`);
    await other.query('update slot set pieces = 1 where id = 2');
    let caught: unknown;
    const work = new Barrier({ ...action, gid: newGid() }).transaction(mysql(pool, options), async (tx) => {
      await tx.query('update slot set pieces = 1 where id = 1');
      const waits = other.query('update slot set pieces = 1 where id = 1');
      await tx.query('update slot set pieces = 1 where id = 2').catch((error: unknown) => (caught = error));
      await waits;
    });
    await expect(work).rejects.toThrow(/ended the transaction inside the work/);
    expect(caught).toMatchObject({ errno: 1213 });
    await other.rollback();
    other.release();
  });

  test('a missing table is named, with what to do about it', async () => {
    const db = mysql(database.pool, { table: 'nowhere' });
    const work = new Barrier({ ...action, gid: newGid() }).transaction(db, () => 1);
    await expect(work).rejects.toMatchObject({ code: 'BARRIER_TABLE_MISSING', message: /nowhere/ });
  });

  test('a connection that has a transaction open is not committed by barrier.transaction', async () => {
    const connection = await database.pool.getConnection();
    try {
      await connection.beginTransaction();
      const work = new Barrier({ ...action, gid: newGid() }).transaction(mysql(connection, options), () => 1);
      await expect(work).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
      await connection.rollback();
    } finally {
      connection.release();
    }
  });

  test('a row that is younger than the snapshot of the transaction is seen all the same', async () => {
    const gid = newGid();
    const connection = await database.pool.getConnection();
    try {
      await connection.beginTransaction();
      await numberOf(connection, 'select count(*) as n from barrier');
      await new Barrier({ ...action, gid }).transaction(mysql(database.pool, options), () => 1);
      const again = await new Barrier({ ...action, gid }).run(mysql(connection, options), () => 1);
      expect(again).toEqual({ done: false, skipped: 'repeated' });
      await connection.rollback();
    } finally {
      connection.release();
    }
  });

  test('after a back-check, the connection waits for locks as long as the others', async () => {
    const connection = await database.pool.getConnection();
    const message = { gid: newGid(), transType: 'msg', branchId: '00', op: 'msg' };
    await new Barrier(message).backCheck(mysql(connection, options));
    const isAsUsual = '@@session.innodb_lock_wait_timeout = @@global.innodb_lock_wait_timeout';
    expect(await numberOf(connection, `select ${isAsUsual} as n`)).toBe(1);
    connection.release();
  });
});

function engineOn(pool: Pool): BarrierEngine {
  const db = mysql(pool, options);
  const adding = 'update account set balance = balance + ?';
  return {
    add: (barrier, amount, error) =>
      barrier.transaction(db, async (connection) => {
        await connection.query(adding, [amount]);
        if (error !== undefined) throw error;
        return amount;
      }),
    addWithin: async (barrier, amounts, end) => {
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      const results = [];
      for (const amount of amounts) {
        const add = barrier.run(mysql(connection, options), async () => {
          await connection.query(adding, [amount]);
          return amount;
        });
        results.push(await add);
      }
      await connection[end]();
      connection.release();
      return results;
    },
    runOutside: async (barrier) => {
      const connection = await pool.getConnection();
      try {
        await expect(barrier.run(db, () => 1)).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
        return await barrier.run(mysql(connection, options), () => 1);
      } finally {
        connection.release();
      }
    },
    backCheck: (barrier) => barrier.backCheck(db),
    whileOpen: async (barrier, end, meanwhile) => {
      const connection = await pool.getConnection();
      await connection.beginTransaction();
      await barrier.run(mysql(connection, options), () => connection.query(adding, [1]));
      await meanwhile();
      await connection[end]();
      connection.release();
    },
    addStalled: async (barrier, amount, meanwhile) => {
      const connection = await pool.getConnection();
      try {
        await connection.beginTransaction();
        await connection.query('select balance from account');
        await meanwhile();
        await barrier.run(mysql(connection, options), () => connection.query(adding, [amount]));
        await connection.commit();
      } finally {
        await connection.rollback();
        connection.release();
      }
    },
    db,
    age: (gid) => pool.query('update barrier set create_time = now() - interval 2 day where gid = ?', [gid]),
    balance: () => numberOf(pool, 'select balance as n from account'),
    rows: async (gid) => {
      const line = "concat_ws(' ', branch_id, op, barrier_id, reason) as line";
      const sql = `select ${line} from barrier where gid = ? order by id`;
      const [rows] = await pool.query<RowDataPacket[]>(sql, [gid]);
      return rows.map((row) => (row as { readonly line: string }).line);
    },
    close: async () => undefined,
  };
}
