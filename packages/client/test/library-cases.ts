/** The barrier cases, and a library's own traps, for every library that speaks SQL to a server. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Barrier, newGid, type AsyncBarrierDatabase } from '@tandem/client';
import type { AsyncSqlDatabase } from '@tandem/client/outbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barrierCases } from './barrier-cases.js';
import type { BarrierEngine } from './barrier-engine.js';
import { openLibraryDatabase, serverOf, type LibraryDatabase, type TestedEngine } from './library-database.js';
import { outboxCases } from './outbox-cases.js';

/** A library, connected. */
export interface Library<Tx> {
  readonly db: AsyncSqlDatabase<Tx>;
  /** What it is made of, with no transaction open. */
  readonly source: unknown;
  /** What `barrier.run` is given inside a transaction of the library. */
  joined(tx: Tx): AsyncBarrierDatabase<Tx>;
  /** The library's own transaction. */
  begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  run(tx: Tx, sql: string): PromiseLike<unknown>;
  createTable(): Promise<void>;
  /** Set where a connection that dies in a transaction takes the process with it, by a fault of the library. */
  readonly isLostWithItsConnection?: true;
  close(): Promise<unknown>;
}

export interface LibraryOptions {
  readonly table: string;
  readonly checkLockTimeout: '50ms' | '1s';
}

export type OpenLibrary<Tx> = (url: string, options: LibraryOptions) => Promise<Library<Tx>>;

export function libraryCases<Tx>(name: string, engine: TestedEngine, open: OpenLibrary<Tx>): void {
  const variable = engine === 'PostgreSQL' ? 'TANDEM_TEST_POSTGRES_URL' : 'TANDEM_TEST_MARIADB_URL';
  const isAbsent = serverOf[engine] === undefined;
  if (isAbsent) console.warn(`${name} on ${engine}: NOT RUN, ${variable} is not set`);

  describe.skipIf(isAbsent)(`${name} on ${engine} (not run without ${variable})`, () => {
    let database: LibraryDatabase;
    let library: Library<Tx>;
    const checkLockTimeout = engine === 'PostgreSQL' ? '50ms' : '1s';
    beforeAll(async () => {
      database = await openLibraryDatabase(engine, `tandem_${name.toLowerCase().replaceAll(/[^a-z]/g, '')}`);
      library = await open(database.url, { table: 'barrier', checkLockTimeout });
      await Promise.all(Array.from({ length: 3 }, () => library.createTable()));
      await database.texts('create table account (balance integer)');
      await database.texts('insert into account values (0)');
    });
    afterAll(async () => {
      await library.close();
      await database.close();
    });

    barrierCases(async () => engineOf(library, database));
    describe('an outbox', () =>
      outboxCases(() => ({ db: library.db, notOpen: library.source, begin: (work) => library.begin(work) })));

    const action = () => new Barrier({ gid: newGid(), transType: 'saga', branchId: '01', op: 'action' });

    test('a missing table is named, with what to do about it', async () => {
      const other = await open(database.url, { table: 'nowhere', checkLockTimeout });
      const work = action().transaction(other.db, () => 1);
      await expect(work).rejects.toMatchObject({ code: 'BARRIER_TABLE_MISSING', message: /nowhere/ });
      await other.close();
    });

    test('an open transaction is not committed by barrier.transaction', async () => {
      const before = await database.texts('select balance from account');
      const rolledBack = library.begin(async (tx) => {
        const within = action().transaction(library.joined(tx), () => library.run(tx, adding(1)));
        await expect(within).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
        throw new Error('as meant');
      });
      await expect(rolledBack).rejects.toThrow('as meant');
      expect(await database.texts('select balance from account')).toEqual(before);
    });

    test.skipIf(engine !== 'PostgreSQL')(
      'a statement that failed and was caught does not pass for a commit',
      async () => {
        const work = action().transaction(library.db, async (tx) => {
          await Promise.resolve(library.run(tx, 'select no_such_column')).catch(() => undefined);
          return 'looks fine';
        });
        await expect(work).rejects.toThrow();
      },
    );

    test.skipIf(engine !== 'MariaDB')('after back-checks, connections wait for locks as long as before', async () => {
      const message = new Barrier({ gid: newGid(), transType: 'msg', branchId: '00', op: 'msg' });
      await Promise.all(Array.from({ length: 3 }, () => message.backCheck(library.db)));
      const isShort = 'update account set balance = if(@@session.innodb_lock_wait_timeout = 1, 1 / "no", balance)';
      const work = Array.from({ length: 3 }, () => library.begin((tx) => Promise.resolve(library.run(tx, isShort))));
      expect((await Promise.allSettled(work)).map(({ status }) => status)).toEqual(Array(3).fill('fulfilled'));
    });

    test('a connection that dies in the middle is thrown away, and the work is rolled back', async ({ skip }) => {
      skip(library.isLostWithItsConnection === true, 'the library does not survive it');
      const barrier = { gid: newGid(), transType: 'saga', branchId: '01', op: 'action' };
      const killing =
        engine === 'PostgreSQL' ? 'select pg_terminate_backend(pg_backend_pid())' : 'kill connection connection_id()';
      const work = new Barrier(barrier).transaction(library.db, (tx) => library.run(tx, killing));
      await expect(work).rejects.toThrow();
      expect(await new Barrier(barrier).transaction(library.db, () => 1)).toMatchObject({ done: true });
    });
  });
}

const rollback = new Error('rolled back by the caller');
const adding = (amount: number): string => `update account set balance = balance + ${String(amount)}`;

function engineOf<Tx>(library: Library<Tx>, database: LibraryDatabase): BarrierEngine {
  // Some libraries find the open transaction by the asynchronous context: a back-check comes in one of its own.
  const inAnotherRequest = AsyncLocalStorage.snapshot();
  const within = async <T>(end: 'commit' | 'rollback', work: (tx: Tx) => Promise<T>): Promise<T> => {
    let value: { readonly value: T } | undefined;
    const ended = library.begin(async (tx) => {
      value = { value: await work(tx) };
      if (end === 'rollback') throw rollback;
    });
    await (end === 'rollback' ? expect(ended).rejects.toBe(rollback) : ended);
    if (value === undefined) throw new Error('the work was not done');
    return value.value;
  };
  return {
    add: (barrier, amount, error) =>
      barrier.transaction(library.db, async (tx) => {
        await library.run(tx, adding(amount));
        if (error !== undefined) throw error;
        return amount;
      }),
    addWithin: (barrier, amounts, end) =>
      within(end, async (tx) => {
        const results = [];
        for (const amount of amounts) {
          const add = barrier.run(library.joined(tx), async (inner) => {
            await library.run(inner, adding(amount));
            return amount;
          });
          results.push(await add);
        }
        return results;
      }),
    runOutside: (barrier) => barrier.run(library.db, () => 1),
    backCheck: (barrier) => inAnotherRequest(() => barrier.backCheck(library.db)),
    whileOpen: (barrier, end, meanwhile) =>
      within(end, async (tx) => {
        await barrier.run(library.joined(tx), (inner) => library.run(inner, adding(1)));
        await meanwhile();
      }),
    addStalled: (barrier, amount, meanwhile) =>
      within('commit', async (tx) => {
        await library.run(tx, 'select balance from account');
        await meanwhile();
        await barrier.run(library.joined(tx), (inner) => library.run(inner, adding(amount)));
      }),
    db: library.db,
    age: (gid) => {
      const time = database.engine === 'PostgreSQL' ? "now() - interval '2 days'" : 'now() - interval 2 day';
      return database.texts(`update barrier set create_time = ${time} where gid = '${gid}'`);
    },
    balance: async () => Number((await database.texts('select balance from account'))[0]),
    rows: (gid) => {
      const line = "concat_ws(' ', branch_id, op, barrier_id, reason) as line";
      return database.texts(`select ${line} from barrier where gid = '${gid.replaceAll("'", "''")}' order by id`);
    },
    close: async () => undefined,
  };
}
