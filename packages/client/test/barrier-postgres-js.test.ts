import { setTimeout as pause } from 'node:timers/promises';
import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, postgresJsBarriers, postgresJsXa } from '@tandem/client/postgres-js';
import postgres from 'postgres';
import { describe, expect, test } from 'vitest';
import { libraryCases } from './library-cases.js';
import { openLibraryDatabase, type LibraryDatabase } from './library-database.js';
import { postgresUrl } from './postgres-database.js';

libraryCases<postgres.TransactionSql>('postgres.js', 'PostgreSQL', async (url, options) => {
  const sql = postgres(url, { max: 10, onnotice: () => undefined });
  return {
    db: postgresJsBarriers(sql, options),
    source: sql,
    joined: (tx) => postgresJsBarriers(tx, options),
    begin: <T>(work: (tx: postgres.TransactionSql) => Promise<T>) => sql.begin(work) as Promise<T>,
    run: (tx, text) => tx.unsafe(text),
    // It writes to the socket that is gone, and that ends the process: https://github.com/porsager/postgres, `nextWrite`.
    isLostWithItsConnection: true,
    createTable: () => createBarrierTable(sql, options),
    close: () => sql.end(),
  };
});

/** Ends every connection that is idle inside a transaction. */
async function cut(database: LibraryDatabase): Promise<void> {
  const open = "datname = current_database() and state = 'idle in transaction'";
  expect(await database.texts(`select pg_terminate_backend(pid) from pg_stat_activity where ${open}`)).toEqual([
    'true',
  ]);
}

describe.skipIf(postgresUrl === undefined)('a connection lost while nothing is asked of it (needs PostgreSQL)', () => {
  test.each(['no others', 'others of the pool that have it anew'])(
    'with %s: nothing is done on it any more',
    async (who) => {
      const database = await openLibraryDatabase('PostgreSQL', 'tandem_postgresjs_lost');
      const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
      try {
        const db = postgresJsBarriers(sql);
        await createBarrierTable(sql);
        await database.texts('create table note (author text)');
        let goOn: () => void = () => undefined;
        const paused = new Promise<void>((resolve) => (goOn = resolve));
        let afterwards: Promise<unknown> | undefined;
        const barrier = new Barrier({ gid: newGid(), transType: 'saga', branchId: '01', op: 'action' });
        const lost = barrier.transaction(db, (tx) => {
          const work = async (): Promise<void> => {
            await tx`insert into note values ('lost')`;
            void cut(database);
            await paused;
            await tx`insert into note values ('lost')`;
          };
          afterwards = work();
          return afterwards;
        });
        await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
        const other = async (tx: postgres.TransactionSql): Promise<void> => {
          await tx`insert into note values ('other')`;
          goOn();
          await expect(afterwards).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
          await pause(50);
          throw new Error('rolled back');
        };
        if (who === 'no others') goOn();
        else await expect(sql.begin(other)).rejects.toThrow('rolled back');
        await expect(afterwards).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
        await pause(50);
        expect(await database.texts('select author from note')).toEqual([]);
      } finally {
        await sql.end({ timeout: 1 });
        await database.close();
      }
    },
  );

  test.each(['none', 'another'])('in an XA branch, which goes on in the transaction of %s', async (who) => {
    const database = await openLibraryDatabase('PostgreSQL', 'tandem_xa_js_lost');
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const sql = postgres(database.url, { max: 1, onnotice: () => undefined, onclose: () => closed() });
    try {
      await createBarrierTable(sql);
      await database.texts('create table note (author text)');
      let goOn: () => void = () => undefined;
      const paused = new Promise<void>((resolve) => (goOn = resolve));
      let prepared: Promise<unknown> | undefined;
      const isCut = new Promise<void>((resolve) => {
        const branch = { gid: newGid(), branchId: '01', transType: 'xa' };
        const run = async (tx: postgres.Sql): Promise<void> => {
          await tx`insert into note values ('lost')`;
          await cut(database);
          await isClosed;
          resolve();
          await paused;
        };
        prepared = postgresJsXa(sql).prepare(branch, { run });
      });
      await isCut;
      const other = async (tx: postgres.TransactionSql): Promise<void> => {
        await tx`insert into note values ('other')`;
        goOn();
        await expect(prepared).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
        await pause(50);
        throw new Error('rolled back');
      };
      if (who === 'none') goOn();
      else await expect(sql.begin(other)).rejects.toThrow('rolled back');
      await expect(prepared).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
      await pause(50);
      expect(await database.texts('select author from note')).toEqual([]);
      const branches = 'select gid from pg_prepared_xacts where database = current_database()';
      expect(await database.texts(branches)).toEqual([]);
    } finally {
      await sql.end({ timeout: 1 });
      await database.close();
    }
  });
});
