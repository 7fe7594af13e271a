import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import { backCheckHandler, Barrier, newGid } from '@tandem/client';
import { createBarrierTable, sqlite, type SqliteConnection } from '@tandem/client/sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barrierCases } from './barrier-cases.js';
import type { BarrierEngine } from './barrier-engine.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tandem-barrier-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('SQLite', () => {
  barrierCases(async () => engineOn('main.db', (path) => new DatabaseSync(path)));
});

describe('SQLite by a binding that cannot say whether a transaction is open', () => {
  barrierCases(async () => engineOn('plain.db', (path) => withoutTransactionState(new DatabaseSync(path))));
});

// From Node 22.5; the types of Node 20 do not know it.
const nodeSqlite = process.getBuiltinModule('node:sqlite') as
  { readonly DatabaseSync: typeof DatabaseSync } | undefined;
if (nodeSqlite === undefined) console.warn('node:sqlite barriers: NOT RUN, this Node does not have it');

describe.skipIf(nodeSqlite === undefined)('SQLite by node:sqlite (not run before Node 22)', () => {
  barrierCases(async () => engineOn('node.db', (path) => new (nodeSqlite?.DatabaseSync ?? DatabaseSync)(path)));
});

// No dependency here: it crashes on Node 20. Where newer Node runs with it installed, newest-libraries.cluster.test.ts has these run.
const betterSqliteName: string = 'better-sqlite3';
const betterSqlite = (await import(/* @vite-ignore */ betterSqliteName).catch(() => undefined)) as
  { readonly default: typeof DatabaseSync } | undefined;

describe.skipIf(betterSqlite === undefined)('SQLite by better-sqlite3 (needs newest-libraries.cluster.test.ts)', () => {
  barrierCases(async () => engineOn('better.db', (path) => new (betterSqlite?.default ?? DatabaseSync)(path)));
});

describe('SQLite alone', () => {
  const context = { gid: newGid(), transType: 'saga', branchId: '01', op: 'action' };
  const memory = (): DatabaseSyncInstance => new DatabaseSync(':memory:');

  test('a missing table is named, with what to do about it', async () => {
    const work = new Barrier(context).transaction(sqlite(memory(), { table: 'guards' }), () => 1);
    await expect(work).rejects.toMatchObject({ code: 'BARRIER_TABLE_MISSING', message: /guards.*createBarrierTable/ });
  });

  test('work that returns a promise is refused and rolled back', async () => {
    const connection = memory();
    createBarrierTable(connection);
    const asyncWork = (): never => Promise.resolve(1) as never;
    const work = new Barrier(context).transaction(sqlite(connection), asyncWork);
    await expect(work).rejects.toMatchObject({ code: 'WORK_MUST_BE_SYNCHRONOUS' });
    expect(connection.prepare('select * from dtm_barrier').all()).toEqual([]);
  });

  test('another table is used for the barrier and for the back-check alike', async () => {
    const connection = memory();
    const db = sqlite(connection, { table: 'guards' });
    createBarrierTable(connection, { table: 'guards' });
    const message = { ...context, transType: 'msg', branchId: '00', op: 'msg' };
    await new Barrier(message).transaction(db, () => 1);
    expect(await new Barrier(message).backCheck(db)).toBe('committed');
    expect(connection.prepare('select reason from guards').all()).toEqual([{ reason: 'msg' }]);
  });

  test('barrier.run answers at once, so that it fits into a synchronous transaction', () => {
    const connection = memory();
    createBarrierTable(connection);
    connection.exec('begin');
    expect(new Barrier(context).run(sqlite(connection), () => 7)).toEqual({ done: true, value: 7 });
    connection.exec('commit');
  });

  test('a back-check handler answers by status, and refuses what is no back-check without writing a row', async () => {
    const connection = memory();
    createBarrierTable(connection);
    const check = backCheckHandler(sqlite(connection), { onError: () => undefined });
    const statusOf = async (gid: string, op = 'msg'): Promise<number> =>
      (await check(new Request(`http://me/?gid=${gid}&trans_type=msg&branch_id=00&op=${op}`))).status;
    await new Barrier({ gid: 'sent', transType: 'msg', branchId: '00', op: 'msg' }).transaction(
      sqlite(connection),
      () => 1,
    );
    expect(await statusOf('sent')).toBe(200);
    expect(await statusOf('never')).toBe(409);
    expect(await statusOf('other', 'action')).toBe(400);
    expect(connection.prepare('select gid from dtm_barrier order by id').all()).toEqual([
      { gid: 'sent' },
      { gid: 'never' },
    ]);
    connection.exec('begin');
    expect(await statusOf('open')).toBe(425);
  });

  test('a name that is no table is refused', () => {
    expect(() => createBarrierTable(memory(), { table: 'a; drop table b' })).toThrow(/is not the name of a table/);
  });
});

/** Like node:sqlite before Node 24: no `isTransaction`. */
function withoutTransactionState(connection: DatabaseSyncInstance): SqliteConnection & { close(): void } {
  return {
    exec: (sql) => connection.exec(sql),
    prepare: (sql) => connection.prepare(sql),
    close: () => connection.close(),
  };
}

function engineOn(name: string, connect: (path: string) => SqliteConnection & { close(): void }): BarrierEngine {
  const path = join(folder, name);
  const [connection, other] = [connect(path), connect(path)];
  connection.exec('pragma journal_mode = wal');
  createBarrierTable(connection);
  connection.exec('create table account (balance integer)');
  connection.exec('insert into account values (0)');
  const db = sqlite(connection);
  const add = (tx: SqliteConnection, amount: number): number => {
    tx.prepare('update account set balance = balance + ?').run(String(amount));
    return amount;
  };
  const within = <T>(work: () => T, end: 'commit' | 'rollback'): T => {
    connection.exec('begin immediate');
    const value = work();
    connection.exec(end);
    return value;
  };
  return {
    add: (barrier, amount, error) =>
      barrier.transaction(db, (tx) => {
        add(tx, amount);
        if (error !== undefined) throw error;
        return amount;
      }),
    addWithin: async (barrier, amounts, end) =>
      within(() => amounts.map((amount) => barrier.run(db, (tx) => add(tx, amount))), end),
    runOutside: async (barrier) => barrier.run(db, () => 1),
    backCheck: (barrier) => barrier.backCheck(sqlite(other)),
    whileOpen: async (barrier, end, meanwhile) => {
      connection.exec('begin immediate');
      barrier.run(db, (tx) => add(tx, 1));
      await meanwhile();
      connection.exec(end);
    },
    addStalled: async (barrier, amount, meanwhile) => {
      connection.exec('begin');
      try {
        connection.prepare('select balance from account').get();
        await meanwhile();
        barrier.run(db, (tx) => add(tx, amount));
        connection.exec('commit');
      } catch (error) {
        connection.exec('rollback');
        throw error;
      }
    },
    db,
    age: async (gid) =>
      connection.prepare("update dtm_barrier set create_time = datetime('now', '-2 days') where gid = ?").run(gid),
    balance: async () => (connection.prepare('select balance from account').get() as { balance: number }).balance,
    rows: async (gid) => {
      const line = "select branch_id || ' ' || op || ' ' || barrier_id || ' ' || reason as line from dtm_barrier";
      const statement = connection.prepare(
        `select group_concat(line, '\n') as text from (${line} where gid = ? order by id)`,
      );
      const { text } = statement.get(gid) as { text: string | null };
      return text === null ? [] : text.split('\n');
    },
    close: async () => {
      connection.close();
      other.close();
    },
  };
}
