import { newGid, type BarrierResult } from '@tandem/client';
import { documentBarriers } from '@tandem/client/mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { mongoUrl, openShelves, saga, type Shelf, type Shelves } from './mongo-shelves.js';

if (mongoUrl === undefined) console.warn('Barriers in documents: NOT RUN, TANDEM_TEST_MONGO_URL is not set');

describe.skipIf(mongoUrl === undefined)('MongoDB documents (not run without TANDEM_TEST_MONGO_URL)', () => {
  let on: Shelves;
  beforeAll(async () => {
    on = await openShelves('documents');
    return () => on.close();
  });

  describe('a branch of a saga', () => {
    test('is done once, however often it is called, and near its limit too', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(30)];
      expect(await on.add(saga(gid, 'action'), shelf, -30)).toEqual({ done: true, value: undefined });
      // Nothing is left, and yet this is no refusal.
      expect(await on.add(saga(gid, 'action'), shelf, -30)).toEqual({ done: false, skipped: 'repeated' });
      expect(await on.piecesOf(shelf)).toBe(0);
      expect(await on.marksOf(shelf)).toEqual(['01:action:01 action']);
    });

    test('is undone once', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(30)];
      await on.add(saga(gid, 'action'), shelf, -30);
      expect(await on.add(saga(gid, 'compensate'), shelf, 30)).toMatchObject({ done: true });
      expect(await on.add(saga(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'repeated' });
      expect(await on.piecesOf(shelf)).toBe(30);
    });

    test('undone before it came, it does nothing, and never will', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(30)];
      expect(await on.add(saga(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await on.add(saga(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'repeated' });
      expect(await on.add(saga(gid, 'action'), shelf, -30)).toEqual({ done: false, skipped: 'alreadyUndone' });
      expect(await on.piecesOf(shelf)).toBe(30);
      expect(await on.marksOf(shelf)).toEqual(['01:action:01 compensate', '01:compensate:01 compensate']);
    });

    test('is refused where its condition does not hold, and leaves no mark', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(30)];
      const refused = on.add(saga(gid, 'action'), shelf, -31);
      await expect(refused).rejects.toMatchObject({ name: 'BranchFailure', message: 'too few' });
      expect(await on.marksOf(shelf)).toEqual([]);
      const without = on.shelves.updateOne(saga(gid, 'action'), { _id: shelf, pieces: 1 }, { $inc: { pieces: 1 } });
      await expect(without).rejects.toThrow(`document "${shelf}" is not as it has to be`);
      expect(await on.add(saga(gid, 'compensate'), shelf, 31)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await on.piecesOf(shelf)).toBe(30);
    });

    test('is refused where there is no document, and there is nothing to undo', async () => {
      const gid = newGid();
      const nowhere = on.shelves.updateOne(saga(gid, 'action'), { _id: 'nowhere' }, { $inc: { pieces: 1 } });
      await expect(nowhere).rejects.toThrow(/there is no document "nowhere"/);
      expect(await on.add(saga(gid, 'compensate'), 'nowhere', 1)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await on.stored('shelf', 'nowhere')).toBeNull();
    });

    test('an undo whose condition does not hold is told, and can be done later', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(30)];
      await on.add(saga(gid, 'action'), shelf, 5);
      const undo = (): Promise<unknown> => on.add(saga(gid, 'compensate'), shelf, -40);
      await expect(undo()).rejects.toMatchObject({ name: 'BranchFailure' });
      await on.db.collection<Shelf>('shelf').updateOne({ _id: shelf }, { $inc: { pieces: 5 } });
      expect(await undo()).toMatchObject({ done: true });
    });

    test('gids that differ by what paths and patterns are made of are kept apart', async () => {
      const shelf = await on.shelfWith(0);
      const gids = ['a.b', 'a%2Eb', 'a', 'A', '$a', 'a:01', 'ä\u0000', 'a.b.c', '__proto__', 'a b'];
      for (const gid of gids) expect(await on.add(saga(gid, 'action'), shelf, 1)).toMatchObject({ done: true });
      for (const gid of gids) expect(await on.add(saga(gid, 'action'), shelf, 1)).toMatchObject({ done: false });
      for (const branchId of ['02', '0201']) await on.add(saga('a', 'action', branchId), shelf, 1);
      expect(await on.piecesOf(shelf)).toBe(gids.length + 2);
    });

    test('several changes in one call are told apart by their order', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(0)];
      for (const isDone of [true, false]) {
        const barrier = saga(gid, 'action');
        expect(await on.add(barrier, shelf, 30)).toMatchObject({ done: isDone });
        expect(await on.add(barrier, shelf, 7)).toMatchObject({ done: isDone });
      }
      expect(await on.piecesOf(shelf)).toBe(37);
    });
  });

  describe('calls side by side', () => {
    test('do one action once, and the last pieces go to one of them', async () => {
      const [gid, shelf] = [newGid(), await on.shelfWith(30)];
      const results = await Promise.all(Array.from({ length: 8 }, () => on.add(saga(gid, 'action'), shelf, -30)));
      expect(results.filter(({ done }) => done)).toHaveLength(1);
      expect(results.filter((one) => !one.done && one.skipped === 'repeated')).toHaveLength(7);
      expect(await on.piecesOf(shelf)).toBe(0);
    });

    test('sell no more than there is, each buyer once, whoever comes how often', async () => {
      const shelf = await on.shelfWith(10);
      const buyers = Array.from({ length: 25 }, () => newGid());
      const tries = [...buyers, ...buyers, ...buyers].map(async (gid) => {
        const result = await on.add(saga(gid, 'action'), shelf, -1).catch((error: unknown) => error);
        return { gid, result };
      });
      const done = (await Promise.all(tries)).filter(({ result }) => (result as { done?: boolean }).done === true);
      expect(new Set(done.map(({ gid }) => gid)).size).toBe(10);
      expect(done).toHaveLength(10);
      expect(await on.piecesOf(shelf)).toBe(0);
      expect(await on.marksOf(shelf)).toHaveLength(10);
    });

    test('of an action and its undo end with nothing done, whichever is first', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [gid, shelf] = [newGid(), await on.shelfWith(30)];
        const both = [() => on.add(saga(gid, 'action'), shelf, -30), () => on.add(saga(gid, 'compensate'), shelf, 30)];
        const [action, undo] = await Promise.all((round % 2 === 0 ? both : both.reverse()).map((call) => call()));
        expect([action, undo].every((one) => one !== undefined)).toBe(true);
        expect(await on.piecesOf(shelf)).toBe(30);
      }
    });
  });

  describe('documents that come into being', () => {
    const insert = (gid: string, _id: string, pieces = 1): Promise<BarrierResult<undefined>> =>
      on.orders.insertOne(saga(gid, 'action'), { _id, pieces });
    const cancel = (gid: string, _id: string): Promise<BarrierResult<undefined>> =>
      on.orders.updateOne(saga(gid, 'compensate'), { _id }, { $set: { state: 'cancelled' } });

    test('are inserted once, and undone by a change', async () => {
      const [gid, order] = [newGid(), newGid()];
      expect(await insert(gid, order)).toMatchObject({ done: true });
      expect(await insert(gid, order)).toEqual({ done: false, skipped: 'repeated' });
      expect(await cancel(gid, order)).toMatchObject({ done: true });
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'repeated' });
      expect(await on.stored('order', order)).toMatchObject({ pieces: 1, state: 'cancelled' });
    });

    test('whose undo came first are never inserted', async () => {
      const [gid, order] = [newGid(), newGid()];
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await insert(gid, order)).toEqual({ done: false, skipped: 'alreadyUndone' });
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'repeated' });
      expect(await on.stored('order', order)).not.toHaveProperty('pieces');
    });

    test('may be inserted by another transaction where a stub is, which changes none', async () => {
      const [gid, other, order] = [newGid(), newGid(), newGid()];
      await cancel(gid, order);
      const change = on.orders.updateOne(saga(other, 'action'), { _id: order }, { $inc: { pieces: 1 } });
      await expect(change).rejects.toMatchObject({ name: 'BranchFailure' });
      expect(await insert(other, order, 7)).toMatchObject({ done: true });
      expect(await insert(gid, order)).toEqual({ done: false, skipped: 'alreadyUndone' });
      expect(await cancel(other, order)).toMatchObject({ done: true });
      expect(await on.stored('order', order)).toMatchObject({ pieces: 7, state: 'cancelled' });
    });

    test('are refused where there is one of another transaction', async () => {
      const [gid, order] = [newGid(), newGid()];
      await insert(newGid(), order, 5);
      await expect(insert(gid, order)).rejects.toMatchObject({ name: 'BranchFailure', message: /already/ });
      expect(await cancel(gid, order)).toEqual({ done: false, skipped: 'nothingToUndo' });
      expect(await on.stored('order', order)).toMatchObject({ pieces: 5 });
    });

    test('a unique index that is in the way is told as such', async () => {
      await on.db.collection('person').createIndex({ mail: 1 }, { unique: true }, {});
      const persons = documentBarriers(on.db.collection<{ _id: string; mail: string }>('person'), { inserts: true });
      await persons.insertOne(saga(newGid(), 'action'), { _id: 'a', mail: 'x' });
      const second = persons.insertOne(saga(newGid(), 'action'), { _id: 'b', mail: 'x' });
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
        const state = (await on.stored('order', order))?.state;
        const isInserted = [results[0], results[2]].some(({ done }) => done);
        expect(state).toBe(isInserted ? 'cancelled' : undefined);
        expect(results.filter(({ done }) => done)).toHaveLength(isInserted ? 2 : 0);
      }
    });
  });
});
