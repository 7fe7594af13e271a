/** A database whose transactions are stricter than usual must not stop back-checks or an outbox. */
import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, pg } from '@tandem/client/pg';
import { postgresJsBarriers } from '@tandem/client/postgres-js';
import type { AsyncSqlDatabase } from '@tandem/client/outbox';
import { Pool, type PoolClient } from 'pg';
import postgres, { type Sql, type TransactionSql } from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLibraryDatabase, type LibraryDatabase } from './library-database.js';
import { outboxCases } from './outbox-cases.js';
import { beginOn, postgresUrl } from './postgres-database.js';

if (postgresUrl === undefined) console.warn('sessions of PostgreSQL: NOT RUN, TANDEM_TEST_POSTGRES_URL is not set');

const options = { table: 'barrier', checkLockTimeout: '100ms' } as const;

describe.skipIf(postgresUrl === undefined).each(['serializable', 'repeatable read'])(
  'a PostgreSQL whose transactions are %s (not run without TANDEM_TEST_POSTGRES_URL)',
  (level) => {
    let database: LibraryDatabase;
    let pool: Pool;
    let sql: Sql;

    beforeAll(async () => {
      database = await openLibraryDatabase('PostgreSQL', `tandem_${level.slice(0, 6)}_sessions`);
      const name = new URL(database.url).pathname.slice(1);
      await database.texts(`alter database ${name} set default_transaction_isolation = '${level}'`);
      pool = new Pool({ connectionString: database.url, max: 8 });
      sql = postgres(database.url, { max: 8, onnotice: () => undefined });
      await createBarrierTable(pool, options);
      await database.texts('create table account (balance integer)');
      await database.texts('insert into account values (0)');
    });
    afterAll(async () => {
      await pool.end();
      await sql.end();
      await database.close();
    });

    const add = 'update account set balance = balance + 30';
    describe('by pg', () => {
      branchCases(() => ({ db: pg(pool, options), work: (client) => client.query(add), texts: database.texts }));
      outboxCases<PoolClient>(() => ({ db: pg(pool), notOpen: pool, begin: beginOn(pool) }));
    });

    describe('by postgres.js', () => {
      branchCases(() => ({
        db: postgresJsBarriers(sql, options),
        work: (tx: TransactionSql) => tx.unsafe(add),
        texts: database.texts,
      }));
      outboxCases<TransactionSql>(() => ({
        db: postgresJsBarriers(sql),
        notOpen: sql,
        begin: async <T>(work: (tx: TransactionSql) => Promise<T>) => (await sql.begin(work)) as T,
      }));
    });
  },
);

interface Branches<Tx> {
  readonly db: AsyncSqlDatabase<Tx>;
  work(tx: Tx): PromiseLike<unknown>;
  texts(sql: string): Promise<string[]>;
}

function branchCases<Tx>(open: () => Branches<Tx>): void {
  const balanceOf = async ({ texts }: Branches<Tx>) => Number((await texts('select balance from account'))[0]);

  test('calls of one action at once do its work once, when those that failed each other are repeated', async () => {
    const engine = open();
    const before = await balanceOf(engine);
    const barrier = { gid: newGid(), transType: 'saga', branchId: '01', op: 'action' };
    const call = () => new Barrier(barrier).transaction(engine.db, (tx) => engine.work(tx));
    const first = await Promise.allSettled(Array.from({ length: 5 }, call));
    for (const { status } of first) if (status === 'rejected') await call();
    expect((await balanceOf(engine)) - before).toBe(30);
  });

  test('a back-check tells how a local transaction ended', async () => {
    const { db, work } = open();
    const committed = { gid: newGid(), transType: 'msg', branchId: '00', op: 'msg' };
    await new Barrier(committed).transaction(db, (tx) => work(tx));
    expect(await new Barrier(committed).backCheck(db)).toBe('committed');
    expect(await new Barrier({ ...committed, gid: newGid() }).backCheck(db)).toBe('rolledBack');
  });
}
