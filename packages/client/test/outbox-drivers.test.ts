/** The outbox by the drivers; the libraries run the same cases beside those of their barriers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { createClient } from '@tandem/client';
import { mysql } from '@tandem/client/mysql';
import { createOutbox, createOutboxTable, type AsyncSqlDatabase } from '@tandem/client/outbox';
import { pg } from '@tandem/client/pg';
import { sqlite } from '@tandem/client/sqlite';
import { createPool, type Pool as MysqlPool, type PoolConnection } from 'mysql2/promise';
import { Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLibraryDatabase, serverOf, type LibraryDatabase } from './library-database.js';
import { outboxCases } from './outbox-cases.js';
import { beginOn } from './postgres-database.js';

const [postgres, mariadb] = [serverOf.PostgreSQL, serverOf.MariaDB];
if (postgres === undefined) console.warn('the outbox by pg: NOT RUN, TANDEM_TEST_POSTGRES_URL is not set');
if (mariadb === undefined) console.warn('the outbox by mysql2: NOT RUN, TANDEM_TEST_MARIADB_URL is not set');

describe.skipIf(postgres === undefined)('the outbox by pg (not run without TANDEM_TEST_POSTGRES_URL)', () => {
  let database: LibraryDatabase;
  let pool: Pool;
  beforeAll(async () => {
    database = await openLibraryDatabase('PostgreSQL', 'tandem_outbox');
    pool = new Pool({ connectionString: database.url });
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });
  outboxCases<PoolClient>(() => ({
    db: pg(pool),
    notOpen: pool,
    begin: beginOn(pool),
  }));

  test('a send that nobody awaited is still before the commit that follows', async () => {
    const client = await pool.connect();
    const outbox = createOutbox(createClient({ url: 'http://127.0.0.1:1' }), pg(pool), { table: 'unawaited' });
    await createOutboxTable(pg(pool), { table: 'unawaited' });
    await client.query('begin');
    const sent = outbox.send(client, createClient({ url: 'http://127.0.0.1:1' }).message().add('http://here'));
    await client.query('rollback');
    await sent;
    client.release();
    expect(await outbox.counts()).toMatchObject({ waiting: 0 });
  });
});

describe.skipIf(mariadb === undefined)('the outbox by mysql2 (not run without TANDEM_TEST_MARIADB_URL)', () => {
  let database: LibraryDatabase;
  let pool: MysqlPool;
  beforeAll(async () => {
    database = await openLibraryDatabase('MariaDB', 'tandem_outbox');
    pool = createPool(database.url);
  });
  afterAll(async () => {
    await pool.end();
    await database.close();
  });
  outboxCases<PoolConnection>(() => ({
    db: mysql(pool),
    notOpen: pool,
    begin: async (work) => {
      const connection = await pool.getConnection();
      try {
        await connection.beginTransaction();
        const value = await work(connection);
        await connection.commit();
        return value;
      } catch (error) {
        await connection.rollback();
        throw error;
      } finally {
        connection.release();
      }
    },
  }));
});

describe('the outbox on SQLite', () => {
  let folder: string;
  let connection: DatabaseSyncInstance;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tandem-outbox-'));
    connection = new DatabaseSync(join(folder, 'business.db'));
  });
  afterAll(async () => {
    connection.close();
    await rm(folder, { recursive: true });
  });
  outboxCases<DatabaseSyncInstance>(() => ({
    // Its `send` answers at once; awaited, that makes no difference.
    db: sqlite(connection) as unknown as AsyncSqlDatabase<DatabaseSyncInstance>,
    notOpen: connection,
    begin: async (work) => {
      connection.exec('begin');
      try {
        const value = await work(connection);
        connection.exec('commit');
        return value;
      } catch (error) {
        connection.exec('rollback');
        throw error;
      }
    },
  }));
});
