import { newGid } from '@tandem/client';
import { createBarrierTable as createMariadbTable, mariadbXa } from '@tandem/client/mariadb';
import { createBarrierTable, mysqlXa } from '@tandem/client/mysql';
import * as mariadb from 'mariadb';
import { createPool, type PoolConnection } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { mariadbUrl, numberOf, openMysqlDatabase } from './mysql-database.js';
import { xaCases } from './xa-cases.js';
import { openXaEngine } from './xa-library.js';

if (mariadbUrl === undefined) console.warn('XA on MariaDB: NOT RUN, TANDEM_TEST_MARIADB_URL is not set');

describe.skipIf(mariadbUrl === undefined)('MariaDB (not run without TANDEM_TEST_MARIADB_URL)', () => {
  // A table of its own: the default one is shared by all databases of the server.
  const options = { table: 'barrier' };

  describe('by mysql2', () => {
    xaCases(() =>
      openXaEngine<PoolConnection>('MariaDB', 'tandem_xa', (url) => {
        const pool = createPool({ uri: url, connectionLimit: 10 });
        return {
          db: mysqlXa(pool, options),
          createTable: () => createBarrierTable(pool, options),
          numbers: async (tx, sql) => {
            const [rows] = await tx.query({ sql, rowsAsArray: true });
            return Array.isArray(rows) ? (rows as unknown[][]).map(([first]) => Number(first)) : [];
          },
          close: () => pool.end(),
        };
      }),
    );
  });

  describe("by MariaDB's connector", () => {
    xaCases(() =>
      openXaEngine<mariadb.PoolConnection>('MariaDB', 'tandem_xa_connector', (url) => {
        const pool = mariadb.createPool(url.replace(/^mysql:/, 'mariadb:'));
        return {
          db: mariadbXa(pool, options),
          createTable: () => createMariadbTable(pool, options),
          numbers: async (tx, sql) => {
            const rows = await tx.query<unknown>({ sql, rowsAsArray: true });
            return Array.isArray(rows) ? (rows as unknown[][]).map(([first]) => Number(first)) : [];
          },
          close: () => pool.end(),
        };
      }),
    );
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
