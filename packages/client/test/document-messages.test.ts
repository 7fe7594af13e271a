import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newGid } from '@tandem/client';
import { documentBarriers } from '@tandem/client/mongodb';
import { nodeListener } from '@tandem/client/node';
import { ObjectId } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { message, mongoUrl, openShelves, saga, type Shelf, type Shelves } from './mongo-shelves.js';

describe.skipIf(mongoUrl === undefined)(
  'messages with MongoDB documents (not run without TANDEM_TEST_MONGO_URL)',
  () => {
    let on: Shelves;
    beforeAll(async () => {
      on = await openShelves('messages');
      return () => on.close();
    });

    test('is found by the back-check, once it is done', async () => {
      const [gid, order] = [newGid(), newGid()];
      await on.orders.insertOne(message(gid), { _id: order, pieces: 1 });
      expect(await on.orders.backCheck(message(gid), order)).toBe('committed');
      expect(await on.orders.insertOne(message(gid), { _id: order, pieces: 1 })).toEqual({
        done: false,
        skipped: 'repeated',
      });
    });

    test('can never be done after a back-check, whether its document is there or not', async () => {
      const [gid, order, shelf] = [newGid(), newGid(), await on.shelfWith(30)];
      expect(await on.orders.backCheck(message(gid), order)).toBe('rolledBack');
      expect(await on.shelves.backCheck(message(gid), shelf)).toBe('rolledBack');
      const late = [
        () => on.orders.insertOne(message(gid), { _id: order, pieces: 1 }),
        () => on.add(message(gid), shelf, -1),
      ];
      for (const work of late) {
        await expect(work()).rejects.toMatchObject({ name: 'BranchFailure', message: /back-check came first/ });
      }
      expect(await on.orders.backCheck(message(gid), order)).toBe('rolledBack');
      expect(await on.shelves.backCheck(message(gid), shelf)).toBe('rolledBack');
      expect(await on.shelves.backCheck(message(gid), 'nowhere')).toBe('rolledBack');
      expect(await on.piecesOf(shelf)).toBe(30);
    });

    test('once refused, stays refused: its message is aborted', async () => {
      const [gid, other, shelf, order] = [newGid(), newGid(), await on.shelfWith(0), newGid()];
      await expect(on.add(message(gid), shelf, -1)).rejects.toThrow('too few');
      await on.add(saga(newGid(), 'action'), shelf, 5);
      await expect(on.add(message(gid), shelf, -1)).rejects.toThrow(/back-check came first/);
      expect(await on.shelves.backCheck(message(gid), shelf)).toBe('rolledBack');

      const insert = (): Promise<unknown> => on.orders.insertOne(message(other), { _id: order, pieces: 1 });
      await on.orders.insertOne(message(gid), { _id: order, pieces: 5 });
      await expect(insert()).rejects.toThrow(/already/);
      await on.db.collection<Shelf>('order').updateOne({ _id: order }, { $set: { pieces: 6 } });
      await expect(insert()).rejects.toThrow(/back-check came first/);
      const change = on.orders.updateOne(message(newGid()), { _id: newGid() }, { $inc: { pieces: 1 } });
      await expect(change).rejects.toThrow(/there is no document/);
    });

    test('which meets its back-check has one outcome, and it is what was told', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [gid, order] = [newGid(), newGid()];
        const insertion = (): Promise<unknown> => on.orders.insertOne(message(gid), { _id: order, pieces: 1 });
        const check = (): Promise<string> => on.orders.backCheck(message(gid), order);
        const [work, told] = await Promise.allSettled(
          round % 2 === 0 ? [insertion(), check()] : [insertion(), check()],
        );
        expect((await on.stored('order', order))?.pieces).toBe(work.status === 'fulfilled' ? 1 : undefined);
        expect(told).toMatchObject({ value: work.status === 'fulfilled' ? 'committed' : 'rolledBack' });
      }
    });

    test('has a handler for the check, whose URL names the document, of any type of id', async () => {
      const things = documentBarriers(on.db.collection<{ _id: ObjectId; n: number }>('thing'), { inserts: true });
      const server = createServer(nodeListener({ '/check': things.backCheckHandler({ onError: () => undefined }) }));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const at = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/check`;
        const ask = async (url: string, gid: string, op = 'msg'): Promise<number> => {
          const asked = new URL(url);
          for (const [name, value] of Object.entries({ gid, trans_type: 'msg', branch_id: '00', op })) {
            asked.searchParams.set(name, value);
          }
          return (await fetch(asked)).status;
        };
        const [gid, id] = [newGid(), new ObjectId()];
        await things.insertOne(message(gid), { _id: id, n: 1 });
        expect(await ask(things.checkUrl(at, id), gid)).toBe(200);
        expect(await ask(things.checkUrl(at, new ObjectId()), gid)).toBe(409);
        expect(await ask(things.checkUrl(at, id), gid, 'action')).toBe(400);
        expect(await ask(at, gid)).toBe(400);
        for (const attack of [
          '{"$ne":null}',
          '{"$regularExpression":{"pattern":".","options":""}}',
          'null',
          '[]',
          '{',
        ]) {
          expect(await ask(`${at}?barrier_key=${encodeURIComponent(attack)}`, gid)).toBe(400);
        }
      } finally {
        server.close();
      }
    });

    test('is refused where its back-check would not look', async () => {
      const url = on.shelves.checkUrl('http://127.0.0.1:1/check', 'a');
      const elsewhere = on.add(message(newGid(), url), 'b', 1);
      await expect(elsewhere).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /checkUrl\(url, "b"\)/ });
      const barrier = message(newGid(), url);
      await expect(on.add(barrier, 'a', 1)).rejects.toMatchObject({ name: 'BranchFailure' });
      await expect(on.add(barrier, 'a', 1)).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /once/ });
    });
  },
);
