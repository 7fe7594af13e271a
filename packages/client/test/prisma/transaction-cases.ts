/** What only Prisma has: transactions with a time limit, inside others, of extended clients, and an isolation level for all of them. */
import { Barrier, newGid } from '@tandem/client';
import { createBarrierTable, prismaBarriers } from '@tandem/client/prisma';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openLibraryDatabase, type LibraryDatabase, type TestedEngine } from '../library-database.js';
import type { ClientOptions, PrismaClient, TransactionClient } from './generated/prisma/client.js';

type Open = (url: string, settings?: Omit<ClientOptions, 'adapter'>) => PrismaClient;

const table = 'barrier';
const stop = new Error('as meant');

export function transactionCases(engine: TestedEngine, open: Open): void {
  describe(`transactions of Prisma on ${engine}`, () => {
    let database: LibraryDatabase;
    const clients: PrismaClient[] = [];
    const opened: Open = (url, settings) => {
      const client = open(url, settings);
      clients.push(client);
      return client;
    };
    beforeAll(async () => {
      database = await openLibraryDatabase(engine, 'tandem_prisma_transactions');
      await createBarrierTable(opened(database.url), { table });
      await database.texts('create table shelf (item varchar(20) primary key, pieces integer not null)');
    });
    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.$disconnect()));
    });
    afterAll(() => database.close());

    const action = (gid = newGid()) => new Barrier({ gid, transType: 'saga', branchId: '01', op: 'action' });
    const put = (item: string) => (tx: TransactionClient) => tx.shelf.create({ data: { item, pieces: 1 } });
    const isThere = async (item: string) =>
      (await database.texts(`select item from shelf where item = '${item}'`)).length > 0;

    const hasty = () => opened(database.url, { transactionOptions: { timeout: 100 } });

    test("a barrier's transaction lasts as long as its work: cut off, a query in it would go on without the barrier", async () => {
      const waiting = engine === 'PostgreSQL' ? 'select 1 from pg_sleep(0.3)' : 'select sleep(0.3)';
      const work = action().transaction(prismaBarriers(hasty(), { table }), async (tx) => {
        await tx.$queryRawUnsafe(waiting);
        await put('patient')(tx);
      });
      expect(await work).toMatchObject({ done: true });
      expect(await isThere('patient')).toBe(true);
    });

    test('a transaction of your own that lasts too long is rolled back, and its work done by the next call', async () => {
      const gid = newGid();
      const cutOff = hasty().$transaction((tx) =>
        action(gid).run(prismaBarriers(tx, { table }), async () => {
          await put('late')(tx);
          const state = () =>
            tx.$queryRawUnsafe('select 1').then(
              () => 'open',
              () => 'closed',
            );
          await expect.poll(() => state()).toBe('closed');
        }),
      );
      await expect(cutOff).rejects.toMatchObject({ code: 'P2028' });
      expect(await isThere('late')).toBe(false);
      const next = opened(database.url).$transaction((tx) =>
        action(gid).run(prismaBarriers(tx, { table }), () => put('late')(tx)),
      );
      expect(await next).toMatchObject({ done: true });
      expect(await isThere('late')).toBe(true);
    });

    test('a back-check waits for locks as long as it is told', async () => {
      const url = new URL(database.url);
      if (engine === 'MariaDB') url.searchParams.set('connectionLimit', '1');
      const checking = opened(url.href, { transactionOptions: { timeout: 100 } });
      const message = () => new Barrier({ gid: 'checked', transType: 'msg', branchId: '00', op: 'msg' });
      const holding = opened(database.url).$transaction(async (tx) => {
        await message().run(prismaBarriers(tx, { table }), () => 1);
        const barriers = prismaBarriers(checking, { table, checkLockTimeout: '1s' });
        expect(await message().backCheck(barriers)).toBe('open');
        throw stop;
      });
      await expect(holding).rejects.toBe(stop);
      const asBefore = 'select @@session.innodb_lock_wait_timeout = @@global.innodb_lock_wait_timeout as same';
      if (engine === 'MariaDB') expect(await checking.$queryRawUnsafe(asBefore)).toMatchObject([{ same: 1 }]);
    });

    test('an extended client gives the work its extended transaction', async () => {
      const seen: string[] = [];
      const extended = opened(database.url).$extends({
        query: {
          shelf: {
            create: ({ args, query }: { args: unknown; query: (args: unknown) => unknown }) => {
              seen.push('create');
              return query(args);
            },
          },
        },
      });
      const barriers = prismaBarriers(extended, { table });
      expect(await action().transaction(barriers, put('extended'))).toMatchObject({ done: true });
      await extended.$transaction((tx) => action().run(prismaBarriers(tx, { table }), () => put('joined')(tx)));
      expect(seen).toEqual(['create', 'create']);
    });

    test('what a nested transaction rolls back was not done: the barrier lets it be done after that', async () => {
      const gid = newGid();
      await opened(database.url).$transaction(async (tx) => {
        const nested = tx.$transaction(async (inner) => {
          await action(gid).run(prismaBarriers(inner, { table }), () => put('nested')(inner));
          throw stop;
        });
        await expect(nested).rejects.toBe(stop);
        const again = await action(gid).run(prismaBarriers(tx, { table }), () => put('nested')(tx));
        expect(again).toMatchObject({ done: true });
      });
      expect(await isThere('nested')).toBe(true);
    });

    test('where all transactions are serializable, calls at the same time are done once, and back-checks answer', async () => {
      const strict = opened(database.url, { transactionOptions: { isolationLevel: 'Serializable' } });
      const barriers = prismaBarriers(strict, { table });
      const gid = newGid();
      // Of a conflict, the coordinator hears that the branch is not done, and calls again.
      const called = async (): Promise<boolean> => {
        const [result] = await Promise.allSettled([action(gid).transaction(barriers, put('strict'))]);
        return result.status === 'fulfilled' ? result.value.done : called();
      };
      const calls = await Promise.all(Array.from({ length: 4 }, called));
      expect(calls.filter((isDone) => isDone)).toHaveLength(1);
      const message = { gid, transType: 'msg', branchId: '00', op: 'msg' } as const;
      await new Barrier(message).transaction(barriers, () => 1);
      expect(await new Barrier(message).backCheck(barriers)).toBe('committed');
    });

    test("an error of the work is Prisma's own, as the caller knows it", async () => {
      const barriers = prismaBarriers(opened(database.url), { table });
      await action().transaction(barriers, put('twice'));
      await expect(action().transaction(barriers, put('twice'))).rejects.toMatchObject({ code: 'P2002' });
    });

    test('a transaction that has ended is refused', async () => {
      const prisma = opened(database.url);
      const ended = await prisma.$transaction(async (tx) => ({ tx }));
      const run = action().run(prismaBarriers(ended.tx, { table }), () => 1);
      await expect(run).rejects.toMatchObject({ code: 'P2028' });
    });
  });
}
