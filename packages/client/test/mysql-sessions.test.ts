/** What sessions are set to must not change what barriers, the outbox and XA branches do. Each pool sets its own: nobody else's are touched. */
import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, mysql, mysqlXa } from '@tandem/client/mysql';
import { createConnection, createPool, type Pool } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mariadbUrl, numberOf, openMysqlDatabase } from './mysql-database.js';

if (mariadbUrl === undefined) console.warn('MariaDB sessions: NOT RUN, TANDEM_TEST_MARIADB_URL is not set');

const options = { table: 'barrier', checkLockTimeout: '1s' } as const;
const odd = `\\' , it's "quoted" ?, $1 :a \\`;

describe
  .skipIf(mariadbUrl === undefined)
  .each([
    `sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'`,
    `sql_mode = ''`,
    'autocommit = 0',
    'sql_safe_updates = 1',
    'tx_isolation = "SERIALIZABLE"',
    'tx_isolation = "READ-UNCOMMITTED"',
    'time_zone = "-11:00"',
  ])('sessions of MariaDB with %s (not run without TANDEM_TEST_MARIADB_URL)', (setting) => {
  let database: Awaited<ReturnType<typeof openMysqlDatabase>>;
  let pool: Pool;
  /** What came of the setting on each connection: null, or the error. */
  let settings: unknown[];

  beforeEach(async () => {
    database = await openMysqlDatabase(`tandem_sessions_${newGid().replaceAll('-', '').slice(-12)}`);
    settings = [];
    pool = createPool({ uri: database.url, connectionLimit: 4 });
    pool.pool.on('connection', (connection) => {
      connection.query(`set session ${setting}`, (error) => settings.push(error));
    });
    await createBarrierTable(pool, options);
    await database.pool.query('create table account (balance int)');
    await database.pool.query('insert into account values (0)');
  });

  afterEach(async () => {
    await pool.end();
    await database.close();
    expect(new Set(settings)).toEqual(new Set([null]));
  });

  const balance = () => numberOf(database.pool, 'select balance as n from account');

  test('a branch whose gid is full of quotes is done once, and its compensation once', async () => {
    const gid = `${odd}${newGid()}`;
    const db = mysql(pool, options);
    const add = (op: string, amount: number) =>
      new Barrier({ gid, transType: 'saga', branchId: '01', op }).transaction(db, (tx) =>
        tx.query(`update account set balance = balance + ${String(amount)} limit 1`),
      );
    await Promise.all(
      [add('action', 30), add('action', 30), add('action', 30)].map((one) => one.catch(() => undefined)),
    );
    await add('action', 30);
    expect(await balance()).toBe(30);
    await add('compensate', -30);
    await add('compensate', -30);
    expect(await balance()).toBe(0);
    expect(await new Barrier({ gid, transType: 'msg', branchId: '00', op: 'msg' }).backCheck(db)).toBe('rolledBack');
  });

  test('an XA branch has its effect at its commit; one that is rolled back before it began never begins', async () => {
    const db = mysqlXa(pool, options);
    const adding = {
      run: (tx: { query(sql: string): Promise<unknown> }) =>
        tx.query('update account set balance = balance + 30 limit 1'),
    };
    // Without autocommit it leaves a transaction open on a connection that goes back to the pool.
    await pool.query('select balance from account');
    const first = { gid: `${odd}${newGid()}`, branchId: '01', transType: 'xa' };
    await db.prepare(first, adding);
    expect(await balance()).toBe(0);
    await db.commit(first);
    await db.commit(first);
    expect(await balance()).toBe(30);
    const second = { gid: newGid(), branchId: '01', transType: 'xa' };
    await db.rollback(second);
    await expect(db.prepare(second, adding)).rejects.toMatchObject({ message: /rolled back before/ });
    expect(await balance()).toBe(30);
    const looking = await createConnection(database.url);
    const [rows] = await looking.query(`select reason from barrier where gid = ?`, [second.gid]);
    expect(rows).toEqual([{ reason: 'rollback' }]);
    await looking.end();
    // Every session is as it was.
    const [sessions] = await pool.query('select @@autocommit as autocommit');
    expect(sessions).toEqual([{ autocommit: setting === 'autocommit = 0' ? 0 : 1 }]);
  });
});
