import { BranchFailure, newGid } from '@tandem/client';
import { createBarrierTable, mysqlXa } from '@tandem/client/mysql';
import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { mariadbUrl, numberOf, openMysqlDatabase } from './mysql-database.js';
import { xaCases } from './xa-cases.js';

if (mariadbUrl === undefined) console.warn('XA on MariaDB: NOT RUN, TANDEM_TEST_MARIADB_URL is not set');

describe.skipIf(mariadbUrl === undefined)('MariaDB (not run without TANDEM_TEST_MARIADB_URL)', () => {
  xaCases(async () => {
    const { pool, close } = await openMysqlDatabase('tandem_xa');
    // A table of its own: the default one is shared by all databases of the server.
    await createBarrierTable(pool, { table: 'barrier' });
    await pool.query('create table account (name varchar(9) primary key, balance int not null) engine = InnoDB');
    await pool.query("insert into account values ('a', 1000), ('b', 1000)");
    return {
      db: mysqlXa(pool, { table: 'barrier' }),
      add: async (tx, amount, account = 'a') => {
        const connection = tx as PoolConnection;
        const sql = 'update account set balance = balance + ? where balance + ? >= 0 and name = ?';
        const [{ affectedRows }] = await connection.query<ResultSetHeader>(sql, [amount, amount, account]);
        if (affectedRows === 0) throw new BranchFailure('not enough');
        return numberOf(connection, `select balance as n from account where name = '${account}'`);
      },
      balance: () => numberOf(pool, 'select sum(balance) as n from account'),
      prepared: async () => (await pool.query<RowDataPacket[]>('xa recover'))[0].length,
      close,
    };
  });

  test('a commit is not lost while the connection that prepared still holds the branch', async () => {
    const { pool, close } = await openMysqlDatabase('tandem_xa_held');
    try {
      await createBarrierTable(pool, { table: 'barrier' });
      await pool.query('create table account (balance int not null) engine = InnoDB');
      await pool.query('insert into account values (0)');
      const branch = { gid: newGid(), branchId: '01', transType: 'xa' };
      const holder = await pool.getConnection();
      const name = `'${branch.gid}-01'`;
      await holder.query(`xa start ${name}`);
      const columns = '(trans_type, gid, branch_id, op, barrier_id, reason)';
      const values = ['xa', branch.gid, '01', 'action', '01', 'action'];
      await holder.query(`insert into barrier ${columns} values (?, ?, ?, ?, ?, ?)`, values);
      await holder.query('update account set balance = 30');
      await holder.query(`xa end ${name}`);
      await holder.query(`xa prepare ${name}`);
      setTimeout(() => holder.destroy(), 300);
      await mysqlXa(pool, { table: 'barrier' }).commit(branch);
      expect(await numberOf(pool, 'select balance as n from account')).toBe(30);
    } finally {
      await close();
    }
  });
});
