import { setTimeout as pause } from 'node:timers/promises';
import { Barrier, newGid, type BarrierResult } from '@tandem/client';
import {
  createBarrierCollection,
  documentBarriers,
  mongoBarriers,
  type DocumentBarriers,
} from '@tandem/client/mongodb';
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { message, mongoUrl, openShelves, saga, type Shelf, type Shelves } from './mongo-shelves.js';

describe.skipIf(mongoUrl === undefined)('the marks of documents (not run without TANDEM_TEST_MONGO_URL)', () => {
  let on: Shelves;
  beforeAll(async () => {
    on = await openShelves('marks');
    return () => on.close();
  });
  const collection = (name = 'shelf') => on.db.collection<Shelf & { tandem?: Document }>(name);

  /** Makes the marks of this gid two days older. */
  const age = async (id: string, gid: string, name = 'shelf'): Promise<void> => {
    const document = await collection(name).findOne({ _id: id });
    const old = new Date(Date.now() - 2 * 86_400_000);
    const marks = Object.keys((document?.tandem?.['marks'] as Document | undefined) ?? {});
    const times = marks.filter((mark) => mark.startsWith(`${gid}:`)).map((mark) => [`tandem.marks.${mark}.at`, old]);
    await collection(name).updateOne({ _id: id }, { $set: { ...Object.fromEntries(times), 'tandem.oldest': old } });
  };

  test('go when they are old, and the others stay', async () => {
    const [shelf, old, young] = [await on.shelfWith(0), newGid(), newGid()];
    await on.add(saga(old, 'action'), shelf, 1);
    await on.add(saga(old, 'compensate'), shelf, -1);
    await on.add(saga(young, 'action'), shelf, 1);
    await age(shelf, old);
    expect(await on.shelves.cleanMarks({ olderThan: '1d' })).toBe(1);
    expect(await on.marksOf(shelf)).toEqual(['01:action:01 action']);
    expect(await on.add(saga(young, 'action'), shelf, 1)).toMatchObject({ skipped: 'repeated' });
    expect(await on.shelves.cleanMarks({ olderThan: '1d' })).toBe(0);
    await age(shelf, young);
    expect(await on.shelves.cleanMarks({ olderThan: '1d' })).toBe(1);
    expect(await on.stored('shelf', shelf)).toEqual({ _id: shelf, pieces: 1 });
  });

  test('of more than one update takes go all the same, and cleaners side by side count no mark twice', async () => {
    const [shelf, kept] = [await on.shelfWith(0), newGid()];
    await on.add(saga(kept, 'action'), shelf, 1);
    const old = new Date(0);
    const names = Array.from({ length: 1_200 }, (_, at) => `tandem.marks.g${String(at)}:01:action:01`);
    const set = Object.fromEntries(names.map((name) => [name, { reason: 'action', at: old }]));
    await collection().updateOne(
      { _id: shelf },
      {
        $set: { ...set, 'tandem.oldest': old },
        $inc: { 'tandem.count': 1_200 },
      },
    );
    const cleaned = await Promise.all([1, 2].map(() => on.shelves.cleanMarks({ olderThan: '1d' })));
    expect(Math.max(...cleaned)).toBe(1);
    await on.shelves.cleanMarks({ olderThan: '1d' });
    expect(await on.marksOf(shelf)).toHaveLength(1);
    expect((await collection().findOne({ _id: shelf }))?.tandem).toMatchObject({ count: 1 });
  });

  test('written while old ones are cleaned are not lost', async () => {
    const shelf = await on.shelfWith(0);
    const gids = Array.from({ length: 60 }, () => newGid());
    for (const gid of gids.slice(0, 20)) await on.add(saga(gid, 'action'), shelf, 1);
    for (const gid of gids.slice(0, 20)) await age(shelf, gid);
    const cleaning = (async () => {
      for (let count = 0; count < 10; count += 1) await on.shelves.cleanMarks({ olderThan: '1d' });
    })();
    await Promise.all(gids.slice(20).map((gid) => on.add(saga(gid, 'action'), shelf, 1)));
    await cleaning;
    const again = await Promise.all(gids.slice(20).map((gid) => on.add(saga(gid, 'action'), shelf, 1)));
    expect(again.every(({ done }) => !done)).toBe(true);
    expect((await collection().findOne({ _id: shelf }))?.tandem).toMatchObject({ count: 40 });
    expect(await on.piecesOf(shelf)).toBe(60);
  });

  test('which are the first after all others grew old are not lost with those', async () => {
    const alone = documentBarriers(collection('alone'));
    for (let round = 0; round < 60; round += 1) {
      const [id, old, young] = [newGid(), newGid(), newGid()];
      const add = (gid: string): Promise<BarrierResult<undefined>> =>
        alone.updateOne(saga(gid, 'action'), { _id: id }, { $inc: { pieces: 1 } });
      await collection('alone').insertOne({ _id: id, pieces: 0 });
      await add(old);
      await age(id, old, 'alone');
      // Once as far as its read, once as far as its write.
      const writing = pause(round % 6).then(() => add(young));
      await Promise.all([alone.cleanMarks({ olderThan: '1d' }), writing]);
      expect(await add(young)).toEqual({ done: false, skipped: 'repeated' });
      await collection('alone').deleteOne({ _id: id });
    }
  });

  test('of an undo keep it from being done again, also where that of its action has gone', async () => {
    const [gid, shelf] = [newGid(), await on.shelfWith(30)];
    await on.add(saga(gid, 'action'), shelf, -30);
    await age(shelf, gid);
    await on.add(saga(gid, 'compensate'), shelf, 30);
    await on.shelves.cleanMarks({ olderThan: '1d' });
    expect(await on.marksOf(shelf)).toEqual(['01:compensate:01 compensate']);
    expect(await on.add(saga(gid, 'compensate'), shelf, 30)).toEqual({ done: false, skipped: 'repeated' });
    expect(await on.piecesOf(shelf)).toBe(30);
    expect(await on.marksOf(shelf)).toHaveLength(1);
  });

  test('a stub goes with its marks, unless somebody made a document of it', async () => {
    const [gid, order, filled] = [newGid(), newGid(), newGid()];
    for (const id of [order, filled]) {
      await on.orders.updateOne(saga(gid, 'compensate'), { _id: id }, { $inc: { pieces: 1 } });
      await age(id, gid, 'order');
    }
    await collection('order').updateOne({ _id: filled }, { $set: { pieces: 3 } });
    expect(await on.orders.cleanMarks({ olderThan: '1d' })).toBe(2);
    expect(await on.stored('order', order)).toBeNull();
    expect(await on.stored('order', filled)).toEqual({ _id: filled, pieces: 3 });
  });

  test('no new branches come where there are as many as there may be, but what began can be undone', async () => {
    const few = documentBarriers(on.db.collection<Shelf>('shelf'), { marksMax: 2 });
    const [shelf, one, other, third] = [await on.shelfWith(9), newGid(), newGid(), newGid()];
    const take = (gid: string, op = 'action'): Promise<BarrierResult<undefined>> =>
      few.updateOne(saga(gid, op), { _id: shelf }, { $inc: { pieces: op === 'action' ? -1 : 1 } });
    await take(one);
    await take(other);
    await expect(take(third)).rejects.toMatchObject({
      code: 'BARRIER_MARKS_FULL',
      message: /call cleanMarks more often/,
    });
    expect(await take(other)).toEqual({ done: false, skipped: 'repeated' });
    expect(await take(one, 'compensate')).toMatchObject({ done: true });
    expect(await take(third, 'compensate')).toEqual({ done: false, skipped: 'nothingToUndo' });
    expect(await on.piecesOf(shelf)).toBe(8);
    for (const gid of [one, other]) await age(shelf, gid);
    await few.cleanMarks({ olderThan: '1d' });
    expect(await take(third)).toEqual({ done: false, skipped: 'alreadyUndone' });
  });

  test('have the time of the server, and a field of their own where that is wanted', async () => {
    const named = documentBarriers(on.db.collection<Shelf>('shelf'), { field: 'seen_by' });
    const shelf = await on.shelfWith(0);
    const timeOfServer = async () => ((await on.db.command({ hello: 1 }))['localTime'] as Date).getTime();
    const before = await timeOfServer();
    await named.updateOne(saga('g', 'action'), { _id: shelf }, { $inc: { pieces: 1 } });
    const after = await timeOfServer();
    const stored = await collection().findOne({ _id: shelf });
    expect(stored).not.toHaveProperty('tandem');
    const { seen_by } = stored as unknown as { seen_by: { marks: Record<string, { at: Date }> } };
    const at = seen_by.marks['g:01:action:01']?.at.getTime() ?? 0;
    // Some servers tell whole seconds here or there.
    expect(at).toBeGreaterThan(before - 1_000);
    expect(at).toBeLessThan(after + 1_000);
  });

  describe('bad use is told with what to do', () => {
    const calls: [string, (barriers: DocumentBarriers<Shelf>) => unknown, RegExp][] = [
      [
        'an operator for an _id',
        (on) => on.updateOne(saga('g', 'action'), { _id: { $ne: '' } as never }, {}),
        /_id must be/,
      ],
      ['no _id', (on) => on.updateOne(saga('g', 'action'), {} as never, { $inc: { pieces: 1 } }), /not undefined/],
      ['a document for an update', (on) => on.updateOne(saga('g', 'action'), { _id: 'a' }, { pieces: 1 }), /operators/],
      [
        'a pipeline',
        (on) => on.updateOne(saga('g', 'action'), { _id: 'a' }, [{ $set: { pieces: 1 } }] as never),
        /operators/,
      ],
      ['no update', (on) => on.updateOne(saga('g', 'action'), { _id: 'a' }, {}), /operators/],
      [
        'a change of marks',
        (on) => on.updateOne(saga('g', 'action'), { _id: 'a' }, { $unset: { 'tandem.marks': '' } } as never),
        /holds the marks/,
      ],
      [
        'an insertion without the option',
        (on) => on.insertOne(saga('g', 'action'), { _id: 'a', pieces: 1 }),
        /inserts: true/,
      ],
    ];
    test.each(calls)('%s', async (_, call, told) => {
      await expect(call(on.shelves)).rejects.toMatchObject({ code: 'INVALID_OPTION', message: told });
    });

    test('an insertion that undoes, or has the field of the marks, or options that are none', async () => {
      const undo = on.orders.insertOne(saga('g', 'compensate'), { _id: 'a', pieces: 1 });
      await expect(undo).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /use updateOne/ });
      const marked = on.orders.insertOne(saga('g', 'action'), { _id: 'a', pieces: 1, tandem: 1 } as never);
      await expect(marked).rejects.toMatchObject({ code: 'INVALID_OPTION', message: /choose another/ });
      expect(() => documentBarriers(on.db.collection('a'), { marksMax: 0 })).toThrow(/marksMax/);
      expect(() => documentBarriers(on.db.collection('a'), { field: 'a.b' })).toThrow(/name of a field/);
    });
  });

  describe('transactions, on a server that has none', () => {
    test('are refused, and the form that needs none is named', async () => {
      const db = mongoBarriers(on.db.client);
      const work = saga(newGid(), 'action').transaction(db, (session) =>
        collection().insertOne({ _id: 'never', pieces: 1 }, { session }),
      );
      await expect(work).rejects.toMatchObject({ code: 'TRANSACTIONS_NOT_AVAILABLE', message: /documentBarriers/ });
      expect(await on.stored('shelf', 'never')).toBeNull();
      const outside = saga(newGid(), 'action').run(db, () => 1);
      await expect(outside).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
      const session = on.db.client.startSession();
      const nested = mongoBarriers(on.db.client, { session });
      await expect(saga(newGid(), 'action').run(nested, () => 1)).rejects.toMatchObject({
        code: 'BARRIER_OUTSIDE_TRANSACTION',
      });
      await expect(saga(newGid(), 'action').transaction(nested, () => 1)).rejects.toMatchObject({
        code: 'BARRIER_OUTSIDE_TRANSACTION',
      });
      await session.endSession();
      expect(() => mongoBarriers(on.db.client, { collection: 'barrier' })).toThrow(/database.collection/);
    });

    test("their back-check needs none, and writes DTM's row", async () => {
      const options = { collection: `${on.db.databaseName}.barrier` };
      await createBarrierCollection(on.db.client, options);
      const db = mongoBarriers(on.db.client, options);
      const gid = newGid();
      const checks = await Promise.all([1, 2, 3].map(() => message(gid).backCheck(db)));
      expect(checks).toEqual(['rolledBack', 'rolledBack', 'rolledBack']);
      const key = { gid, branch_id: '00', op: 'msg', barrier_id: '01' };
      expect(await on.db.collection('barrier').find(key).project({ _id: 0 }).toArray()).toEqual([
        { ...key, trans_type: 'msg', reason: 'rollback', create_time: expect.any(Date) as Date },
      ]);
      // As DTM's SDK in Go leaves it after a local transaction.
      const theirs = { ...key, gid: newGid() };
      await on.db.collection('barrier').insertOne({ ...theirs, trans_type: 'msg', reason: 'msg' });
      const barrier = new Barrier({ gid: theirs.gid, transType: 'msg', branchId: '00', op: 'msg' });
      expect(await barrier.backCheck(db)).toBe('committed');
    });
  });
});
