import { createBarrierTable, pgXa } from '@tandem/client/pg';
import { createBarrierTable as createPostgresJsTable, postgresJsXa } from '@tandem/client/postgres-js';
import { Pool, type PoolClient } from 'pg';
import postgres from 'postgres';
import { describe, expect, test } from 'vitest';
import { openInstance } from '../../../scripts/services/instance.mjs';
import { xaCases } from './xa-cases.js';
import { openXaEngine } from './xa-library.js';

const serverUrl = process.env['TANDEM_TEST_POSTGRES_URL'];
if (serverUrl === undefined) console.warn('XA on PostgreSQL: NOT RUN, TANDEM_TEST_POSTGRES_URL is not set');

describe.skipIf(serverUrl === undefined)('PostgreSQL (not run without TANDEM_TEST_POSTGRES_URL)', () => {
  describe('by node-postgres', () => {
    xaCases(() =>
      openXaEngine<PoolClient>('PostgreSQL', 'tandem_xa', (url) => {
        const pool = new Pool({ connectionString: url });
        return {
          db: pgXa(pool),
          createTable: () => createBarrierTable(pool),
          numbers: async (tx, text) => {
            const { rows } = await tx.query<unknown[]>({ text, rowMode: 'array' });
            return rows.map(([first]) => Number(first));
          },
          close: () => pool.end(),
        };
      }),
    );
  });

  describe('by postgres.js', () => {
    xaCases(() =>
      openXaEngine<postgres.Sql>('PostgreSQL', 'tandem_xa_js', (url) => {
        const sql = postgres(url, { onnotice: () => undefined });
        return {
          db: postgresJsXa(sql),
          createTable: () => createPostgresJsTable(sql),
          numbers: async (tx, text) => {
            const rows = await tx.unsafe(text).values();
            return rows.map(([first]) => Number(first));
          },
          // The next to use a connection that was cut is told of that cut again, and others wait for ever.
          isLostWithItsConnection: true,
          close: () => sql.end({ timeout: 1 }),
        };
      }),
    );
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
      await expect.poll(isReady).toBe(true);
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
