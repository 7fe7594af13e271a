import { Barrier, BranchFailure, cleanBarrierRows, newGid, type BranchContext } from '@tandem/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BarrierEngine } from './barrier-engine.js';

/** The barrier's behaviour, the same on every engine. */
export function barrierCases(open: () => Promise<BarrierEngine>): void {
  let engine: BarrierEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.close());

  const saga = (gid: string, op: string, branchId = '01'): Barrier =>
    barrierOf({ gid, transType: 'saga', branchId, op });
  const message = (gid: string): Barrier => barrierOf({ gid, transType: 'msg', branchId: '00', op: 'msg' });
  const change = async (work: () => Promise<unknown>): Promise<number> => {
    const before = await engine.balance();
    await work();
    return (await engine.balance()) - before;
  };

  describe('a branch of a saga', () => {
    test('an action is done once, however often it is called', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        expect(await engine.add(saga(gid, 'action'), 30)).toMatchObject({ done: true });
        expect(await engine.add(saga(gid, 'action'), 30)).toEqual({ done: false, skipped: 'repeated' });
      });
      expect(changed).toBe(30);
      expect(await engine.rows(gid)).toEqual(['01 action 01 action']);
    });

    test('a compensation undoes what was done, once', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        await engine.add(saga(gid, 'action'), 30);
        expect(await engine.add(saga(gid, 'compensate'), -30)).toMatchObject({ done: true });
        expect(await engine.add(saga(gid, 'compensate'), -30)).toEqual({ done: false, skipped: 'repeated' });
      });
      expect(changed).toBe(0);
      expect(await engine.rows(gid)).toEqual(['01 action 01 action', '01 compensate 01 compensate']);
    });

    test('a compensation of what never happened does nothing', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        expect(await engine.add(saga(gid, 'compensate'), -30)).toEqual({ done: false, skipped: 'nothingToUndo' });
        expect(await engine.add(saga(gid, 'compensate'), -30)).toEqual({ done: false, skipped: 'repeated' });
      });
      expect(changed).toBe(0);
      expect(await engine.rows(gid)).toEqual(['01 action 01 compensate', '01 compensate 01 compensate']);
    });

    test('an action that arrives after its compensation does nothing', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        await engine.add(saga(gid, 'compensate'), -30);
        expect(await engine.add(saga(gid, 'action'), 30)).toEqual({ done: false, skipped: 'alreadyUndone' });
      });
      expect(changed).toBe(0);
    });

    test('a refusal rolls back the work and the row, so that its compensation finds nothing to undo', async () => {
      const gid = newGid();
      const refusal = new BranchFailure('insufficient funds');
      const changed = await change(async () => {
        await expect(engine.add(saga(gid, 'action'), -30, refusal)).rejects.toBe(refusal);
        expect(await engine.rows(gid)).toEqual([]);
        expect(await engine.add(saga(gid, 'compensate'), 30)).toEqual({ done: false, skipped: 'nothingToUndo' });
      });
      expect(changed).toBe(0);
    });

    test('two barriers in one call guard their own work, with the ids 01 and 02', async () => {
      const gid = newGid();
      const barrier = saga(gid, 'action');
      const changed = await change(async () => {
        await engine.add(barrier, 30);
        await engine.add(barrier, 7);
        const again = saga(gid, 'action');
        expect(await engine.add(again, 30)).toEqual({ done: false, skipped: 'repeated' });
        expect(await engine.add(again, 7)).toEqual({ done: false, skipped: 'repeated' });
      });
      expect(changed).toBe(37);
      expect(await engine.rows(gid)).toEqual(['01 action 01 action', '01 action 02 action']);
    });

    test('branches of one transaction, and gids that differ in case or by a prefix, are kept apart', async () => {
      const gid = newGid();
      const others = [saga(`${gid}A`, 'action'), saga(`${gid}a`, 'action'), saga(`${gid} a'";%`, 'action')];
      const changed = await change(async () => {
        for (const barrier of [saga(gid, 'action'), saga(gid, 'action', '02'), ...others]) await engine.add(barrier, 1);
      });
      expect(changed).toBe(5);
      expect(await engine.rows(`${gid} a'";%`)).toEqual(['01 action 01 action']);
    });

    test('simultaneous calls of one action do its work once', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        const results = await Promise.all(Array.from({ length: 5 }, () => engine.add(saga(gid, 'action'), 30)));
        expect(results.filter(({ done }) => done)).toHaveLength(1);
      });
      expect(changed).toBe(30);
    });
  });

  describe('barrier.run', () => {
    test('leaves the commit to the caller', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        const results = await engine.addWithin(saga(gid, 'action'), [30, 7], 'commit');
        expect(results.map(({ done }) => done)).toEqual([true, true]);
      });
      expect(changed).toBe(37);
    });

    test('is undone by the rollback of the caller', async () => {
      const gid = newGid();
      expect(await change(() => engine.addWithin(saga(gid, 'action'), [30], 'rollback'))).toBe(0);
      expect(await engine.rows(gid)).toEqual([]);
    });

    test('refuses to work outside a transaction', async () => {
      const outside = engine.runOutside(saga(newGid(), 'action'));
      await expect(outside).rejects.toMatchObject({ code: 'BARRIER_OUTSIDE_TRANSACTION' });
    });
  });

  describe('the local transaction of a message', () => {
    test('once committed, the back-check says so', async () => {
      const gid = newGid();
      await engine.add(message(gid), 30);
      expect(await engine.backCheck(message(gid))).toBe('committed');
      expect(await engine.rows(gid)).toEqual(['00 msg 01 msg']);
    });

    test('before it began, the back-check keeps it from committing for ever', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        expect(await engine.backCheck(message(gid))).toBe('rolledBack');
        await expect(engine.add(message(gid), 30)).rejects.toBeInstanceOf(BranchFailure);
        expect(await engine.backCheck(message(gid))).toBe('rolledBack');
      });
      expect(changed).toBe(0);
      expect(await engine.rows(gid)).toEqual(['00 msg 01 rollback']);
    });

    test('while it is open, the back-check says that it is; never that it failed', async () => {
      const gid = newGid();
      await engine.whileOpen(message(gid), 'commit', async () => {
        expect(await engine.backCheck(message(gid))).toBe('open');
      });
      expect(await engine.backCheck(message(gid))).toBe('committed');
    });

    test('rolled back, the back-check says that nothing committed', async () => {
      const gid = newGid();
      await engine.whileOpen(message(gid), 'rollback', async () => {
        expect(await engine.backCheck(message(gid))).toBe('open');
      });
      expect(await engine.backCheck(message(gid))).toBe('rolledBack');
    });

    test('which commits while the back-check is on its way was open or is committed; never failed', async () => {
      const gid = newGid();
      let checking: Promise<string> | undefined;
      await engine.whileOpen(message(gid), 'commit', async () => {
        checking = engine.backCheck(message(gid));
      });
      expect(['open', 'committed']).toContain(await checking);
      expect(await engine.backCheck(message(gid))).toBe('committed');
    });

    test('which stalls past the back-check commits only where that did not say that it failed', async () => {
      const gid = newGid();
      let answer: string | undefined;
      let outcome: 'committed' | 'rolledBack' | undefined;
      const changed = await change(async () => {
        const stalled = engine.addStalled(message(gid), 30, async () => {
          answer = await engine.backCheck(message(gid));
        });
        outcome = await stalled.then(
          () => 'committed',
          () => 'rolledBack',
        );
      });
      expect(outcome).toBe(answer === 'rolledBack' ? 'rolledBack' : 'committed');
      expect(changed).toBe(outcome === 'committed' ? 30 : 0);
      expect(await engine.backCheck(message(gid))).toBe(outcome);
    });

    test('repeated under its gid, it is not done again', async () => {
      const gid = newGid();
      const changed = await change(async () => {
        await engine.add(message(gid), 30);
        expect(await engine.add(message(gid), 30)).toEqual({ done: false, skipped: 'repeated' });
      });
      expect(changed).toBe(30);
    });
  });

  test('the cleaner deletes the old rows, in small transactions, and leaves the others', async () => {
    const [old, young] = [newGid(), newGid()];
    for (const gid of [old, young]) {
      await engine.add(saga(gid, 'action'), 1);
      await engine.add(saga(gid, 'compensate'), -1);
    }
    await engine.age(old);
    expect(await cleanBarrierRows(engine.db, { olderThan: '1d', batchRows: 1 })).toBe(2);
    expect(await engine.rows(old)).toEqual([]);
    expect(await engine.rows(young)).toHaveLength(2);
    expect(await cleanBarrierRows(engine.db, { olderThan: '1d' })).toBe(0);
  });
}

function barrierOf(context: BranchContext): Barrier {
  return new Barrier(context);
}
