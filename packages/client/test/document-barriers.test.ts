import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Barrier, branchHandler, newGid, type BarrierResult, type BranchContext } from '@tandem/client';
import {
  createBarrierCollection,
  documentBarriers,
  mongoBarriers,
  type DocumentBarriers,
} from '@tandem/client/mongodb';
import { nodeListener } from '@tandem/client/node';
import { MongoClient, ObjectId, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientAt } from './client-at.js';

const mongoUrl = process.env['TANDEM_TEST_MONGO_URL'];
if (mongoUrl === undefined) console.warn('Barriers in documents: NOT RUN, TANDEM_TEST_MONGO_URL is not set');

interface Shelf {
  _id: string;
  pieces: number;
  state?: string;
}

const day = 86_400_000;

describe.skipIf(mongoUrl === undefined)('MongoDB documents (not run without TANDEM_TEST_MONGO_URL)', () => {
  let client: MongoClient;
  let db: Db;
  let shelves: DocumentBarriers<Shelf>;
  let orders: DocumentBarriers<Shelf>;
  beforeAll(async () => {
    client = await new MongoClient(mongoUrl ?? '').connect();
    db = client.db(`tandem_documents_${String(process.pid)}`);
    shelves = documentBarriers(db.collection<Shelf>('shelf'));
    orders = documentBarriers(db.collection<Shelf>('order'), { inserts: true });
    return async () => {
      await db.dropDatabase();
      await client.close();
    };
  });

  const barrierOf = (gid: string, op: string, branchId = '01', transType = 'saga'): Barrier =>
    new Barrier({ gid, transType, branchId, op } satisfies BranchContext);
  const message = (gid: string, checkUrl?: string): Barrier =>
    new Barrier({ gid, transType: 'msg', branchId: '00', op: 'msg' }, checkUrl);

  const shelfWith = async (pieces: number): Promise<string> => {
    const { insertedId } = await db.collection<Shelf>('shelf').insertOne({ _id: newGid(), pieces });
    return insertedId;
  };
  const stored = (collection: string, _id: string) => db.collection<Shelf>(collection).findOne({ _id });
  const piecesOf = async (_id: string): Promise<number | undefined> => (await stored('shelf', _id))?.pieces;
  const add = (barrier: Barrier, _id: string, by: number, on = shelves): Promise<BarrierResult<undefined>> =>
    on.updateOne(
      barrier,
      by < 0 && barrier !== undefined ? { _id, pieces: { $gte: -by } } : { _id },
      { $inc: { pieces: by } },
      { refusal: 'too few' },
    );
  const marksOf = async (collection: string, _id: string): Promise<string[]> => {
    const document = (await stored(collection, _id)) as {
      tandem?: { marks: Record<string, { reason: string }> };
    } | null;
    return Object.entries(document?.tandem?.marks ?? {}).map(
      ([name, { reason }]) => `${name.replace(/^.*?:/, '')} ${reason}`,
    );
  };

  describe('a branch of a saga', () => {
    test('is done once, however often it is called, and near its limit too', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(30)];
      expect(await add(barrierOf(gid, 'action'), shelf, -30)).toEqual({ done: true, value: undefined });
      // Nothing is left, and yet this is no refusal.
      expect(await add(barrierOf(gid, 'action'), shelf, -30)).toEqual({ done: false, skipped: 'repeated' });
      expect(await piecesOf(shelf)).toBe(0);
      expect(await marksOf('shelf', shelf)).toEqual(['01:action:01 action']);
    });

    test('is undone once', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(30)];
      await add(barrierOf(gid, 'action'), shelf, -30);
      expect(await add(barrierOf(gid, 'compensate'), shelf, 30)).toMatchObject({ done: true });
      expect(await add(barrierOf(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'repeated' });
      expect(await piecesOf(shelf)).toBe(30);
    });

    test('undone before it came, it does nothing, and never will', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(30)];
      expect(await add(barrierOf(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await add(barrierOf(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'repeated' });
      expect(await add(barrierOf(gid, 'action'), shelf, -30)).toEqual({ done: false, skipped: 'alreadyUndone' });
      expect(await piecesOf(shelf)).toBe(30);
      expect(await marksOf('shelf', shelf)).toEqual(['01:action:01 compensate', '01:compensate:01 compensate']);
    });

    test('is refused where its condition does not hold, and leaves no mark', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(30)];
      const refused = add(barrierOf(gid, 'action'), shelf, -31);
      await expect(refused).rejects.toMatchObject({ name: 'BranchFailure', message: 'too few' });
      expect(await marksOf('shelf', shelf)).toEqual([]);
      const without = shelves.updateOne(barrierOf(gid, 'action'), { _id: shelf, pieces: 1 }, { $inc: { pieces: 1 } });
      await expect(without).rejects.toThrow(`document "${shelf}" is not as it has to be`);
      expect(await add(barrierOf(gid, 'compensate'), shelf, 31)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await piecesOf(shelf)).toBe(30);
    });

    test('is refused where there is no document, and there is nothing to undo', async () => {
      const gid = newGid();
      const nowhere = shelves.updateOne(barrierOf(gid, 'action'), { _id: 'nowhere' }, { $inc: { pieces: 1 } });
      await expect(nowhere).rejects.toThrow(/there is no document "nowhere"/);
      expect(await add(barrierOf(gid, 'compensate'), 'nowhere', 1)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await stored('shelf', 'nowhere')).toBeNull();
    });

    test('an undo whose condition does not hold is told, and can be done later', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(30)];
      await add(barrierOf(gid, 'action'), shelf, 5);
      const undo = (): Promise<unknown> => add(barrierOf(gid, 'compensate'), shelf, -40);
      await expect(undo()).rejects.toMatchObject({ name: 'BranchFailure' });
      await db.collection<Shelf>('shelf').updateOne({ _id: shelf }, { $inc: { pieces: 5 } });
      expect(await undo()).toMatchObject({ done: true });
    });

    test('gids that differ by what paths and patterns are made of are kept apart', async () => {
      const shelf = await shelfWith(0);
      const gids = ['a.b', 'a%2Eb', 'a', 'A', '$a', 'a:01', 'ä\u0000', 'a.b.c', '__proto__', 'a b'];
      for (const gid of gids) expect(await add(barrierOf(gid, 'action'), shelf, 1)).toMatchObject({ done: true });
      for (const gid of gids) expect(await add(barrierOf(gid, 'action'), shelf, 1)).toMatchObject({ done: false });
      for (const branchId of ['02', '0201']) await add(barrierOf('a', 'action', branchId), shelf, 1);
      expect(await piecesOf(shelf)).toBe(gids.length + 2);
    });

    test('several changes in one call are told apart by their order', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(0)];
      for (const isDone of [true, false]) {
        const barrier = barrierOf(gid, 'action');
        expect(await add(barrier, shelf, 30)).toMatchObject({ done: isDone });
        expect(await add(barrier, shelf, 7)).toMatchObject({ done: isDone });
      }
      expect(await piecesOf(shelf)).toBe(37);
    });
  });

  describe('calls side by side', () => {
    test('do one action once, and the last pieces go to one of them', async () => {
      const [gid, shelf] = [newGid(), await shelfWith(30)];
      const results = await Promise.all(Array.from({ length: 8 }, () => add(barrierOf(gid, 'action'), shelf, -30)));
      expect(results.filter(({ done }) => done)).toHaveLength(1);
      expect(results.filter((one) => !one.done && one.skipped === 'repeated')).toHaveLength(7);
      expect(await piecesOf(shelf)).toBe(0);
    });

    test('sell no more than there is, each buyer once, whoever comes how often', async () => {
      const shelf = await shelfWith(10);
      const buyers = Array.from({ length: 25 }, () => newGid());
      const tries = [...buyers, ...buyers, ...buyers].map(async (gid) => {
        const result = await add(barrierOf(gid, 'action'), shelf, -1).catch((error: unknown) => error);
        return { gid, result };
      });
      const done = (await Promise.all(tries)).filter(({ result }) => (result as { done?: boolean }).done === true);
      expect(new Set(done.map(({ gid }) => gid)).size).toBe(10);
      expect(done).toHaveLength(10);
      expect(await piecesOf(shelf)).toBe(0);
      expect(await marksOf('shelf', shelf)).toHaveLength(10);
    });

    test('of an action and its undo end with nothing done, whichever is first', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [gid, shelf] = [newGid(), await shelfWith(30)];
        const both = [
          () => add(barrierOf(gid, 'action'), shelf, -30),
          () => add(barrierOf(gid, 'compensate'), shelf, 30),
        ];
        const [action, undo] = await Promise.all((round % 2 === 0 ? both : both.reverse()).map((call) => call()));
        expect([action, undo].every((one) => one !== undefined)).toBe(true);
        expect(await piecesOf(shelf)).toBe(30);
      }
    });
  });

  describe('documents that come into being', () => {
    const insert = (gid: string, _id: string, pieces = 1): Promise<BarrierResult<undefined>> =>
      orders.insertOne(barrierOf(gid, 'action'), { _id, pieces });
    const cancel = (gid: string, _id: string): Promise<BarrierResult<undefined>> =>
      orders.updateOne(barrierOf(gid, 'compensate'), { _id }, { $set: { state: 'cancelled' } });

    test('are inserted once, and undone by a change', async () => {
      const [gid, order] = [newGid(), newGid()];
      expect(await insert(gid, order)).toMatchObject({ done: true });
      expect(await insert(gid, order)).toEqual({ done: false, skipped: 'repeated' });
      expect(await cancel(gid, order)).toMatchObject({ done: true });
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'repeated' });
      expect(await stored('order', order)).toMatchObject({ pieces: 1, state: 'cancelled' });
    });

    test('whose undo came first are never inserted', async () => {
      const [gid, order] = [newGid(), newGid()];
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await insert(gid, order)).toEqual({ done: false, skipped: 'alreadyUndone' });
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'repeated' });
      expect(await stored('order', order)).not.toHaveProperty('pieces');
    });

    test('may be inserted by another transaction where a stub is, which changes none', async () => {
      const [gid, other, order] = [newGid(), newGid(), newGid()];
      await cancel(gid, order);
      const change = orders.updateOne(barrierOf(other, 'action'), { _id: order }, { $inc: { pieces: 1 } });
      await expect(change).rejects.toMatchObject({ name: 'BranchFailure' });
      expect(await insert(other, order, 7)).toMatchObject({ done: true });
      expect(await insert(gid, order)).toEqual({ done: false, skipped: 'alreadyUndone' });
      expect(await cancel(other, order)).toMatchObject({ done: true });
      expect(await stored('order', order)).toMatchObject({ pieces: 7, state: 'cancelled' });
    });

    test('are refused where there is one of another transaction', async () => {
      const [gid, order] = [newGid(), newGid()];
      await insert(newGid(), order, 5);
      await expect(insert(gid, order)).rejects.toMatchObject({ name: 'BranchFailure', message: /already/ });
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await stored('order', order)).toMatchObject({ pieces: 5 });
    });

    test('a unique index that is in the way is told as such', async () => {
      await db.collection('person').createIndex({ mail: 1 }, { unique: true });
      const persons = documentBarriers(db.collection<{ _id: string; mail: string }>('person'), { inserts: true });
      await persons.insertOne(barrierOf(newGid(), 'action'), { _id: 'a', mail: 'x' });
      const second = persons.insertOne(barrierOf(newGid(), 'action'), { _id: 'b', mail: 'x' });
      await expect(second).rejects.toMatchObject({ code: 11_000 });
    });

    test('side by side are inserted once, or kept away', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [gid, order] = [newGid(), newGid()];
        const results = await Promise.all([
          insert(gid, order),
          cancel(gid, order),
          insert(gid, order),
          cancel(gid, order),
        ]);
        const state = (await stored('order', order))?.state;
        const isInserted = [results[0], results[2]].some((one) => one?.done);
        expect(state).toBe(isInserted ? 'cancelled' : undefined);
        expect(results.filter(({ done }) => done)).toHaveLength(isInserted ? 2 : 0);
      }
    });
  });

  describe('the local work of a message', () => {
    test('is found by the back-check, once it is done', async () => {
      const [gid, order] = [newGid(), newGid()];
      await orders.insertOne(message(gid), { _id: order, pieces: 1 });
      expect(await orders.backCheck(message(gid), order)).toBe('committed');
      expect(await orders.insertOne(message(gid), { _id: order, pieces: 1 })).toEqual({
        done: false,
        skipped: 'repeated',
      });
    });

    test('can never be done after a back-check, whether its document is there or not', async () => {
      const [gid, order, shelf] = [newGid(), newGid(), await shelfWith(30)];
      expect(await orders.backCheck(message(gid), order)).toBe('rolledBack');
      expect(await shelves.backCheck(message(gid), shelf)).toBe('rolledBack');
      const late = [
        () => orders.insertOne(message(gid), { _id: order, pieces: 1 }),
        () => add(message(gid), shelf, -1),
      ];
      for (const work of late) {
        await expect(work()).rejects.toMatchObject({ name: 'BranchFailure', message: /back-check came first/ });
      }
      expect(await orders.backCheck(message(gid), order)).toBe('rolledBack');
      expect(await shelves.backCheck(message(gid), shelf)).toBe('rolledBack');
      expect(await shelves.backCheck(message(gid), 'nowhere')).toBe('rolledBack');
      expect(await piecesOf(shelf)).toBe(30);
    });

    test('which meets its back-check has one outcome, and it is what was told', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [gid, order] = [newGid(), newGid()];
        const insertion = (): Promise<unknown> => orders.insertOne(message(gid), { _id: order, pieces: 1 });
        const check = (): Promise<string> => orders.backCheck(message(gid), order);
        const [work, told] = await Promise.allSettled(
          round % 2 === 0 ? [insertion(), check()] : [insertion(), check()],
        );
        expect((await stored('order', order))?.pieces).toBe(work.status === 'fulfilled' ? 1 : undefined);
        expect(told).toMatchObject({ value: work.status === 'fulfilled' ? 'committed' : 'rolledBack' });
      }
    });

    test('has a handler for the check, whose URL names the document, of any type of id', async () => {
      const things = documentBarriers(db.collection<{ _id: ObjectId; n: number }>('thing'), { inserts: true });
      const server = createServer(nodeListener({ '/check': things.backCheckHandler() }));
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
      const url = shelves.checkUrl('http://127.0.0.1:1/check', 'a');
      const elsewhere = add(message(newGid(), url), 'b', 1);
      await expect(elsewhere).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /checkUrl\(url, "b"\)/ });
      const barrier = message(newGid(), url);
      await expect(add(barrier, 'a', 1)).rejects.toMatchObject({ name: 'BranchFailure' });
      await expect(add(barrier, 'a', 1)).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /once/ });
    });
  });
});
