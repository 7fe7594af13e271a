/** MongoDB killed while branches work on its documents. */
import { setTimeout as pause } from 'node:timers/promises';
import { newGid, type BarrierResult } from '@tandem/client';
import { expect, test } from 'vitest';
import { openInstance } from '../../../scripts/services/instance.mjs';
import { openShelves, saga } from './mongo-shelves.js';

const hasPrograms = (process.env['TANDEM_TEST_MONGO_PROGRAMS'] ?? '') !== '';
if (!hasPrograms) console.warn('MongoDB that is killed: NOT RUN, TANDEM_TEST_MONGO_PROGRAMS is not set');

const pieces = 1_000_000;
const workers = 4;
const kills = 4;
/** How many are answered between two kills. */
const answersBetween = 150;

test.skipIf(!hasPrograms)(
  'whatever is called while MongoDB is killed and comes back is done once (needs TANDEM_TEST_MONGO_PROGRAMS)',
  async () => {
    const engine = await openInstance('ferretdb');
    const on = await openShelves('killed', `${engine.url}?serverSelectionTimeoutMS=3000`);
    try {
      const shelf = await on.shelfWith(pieces);
      let isOver = false;
      let unclear = 0;
      let answered = 0;
      /** As a coordinator: again, until it is answered. */
      const called = async (gid: string, op: string): Promise<BarrierResult<undefined>> => {
        for (;;) {
          try {
            const result = await on.add(saga(gid, op), shelf, op === 'action' ? -1 : 1);
            answered += 1;
            return result;
          } catch {
            unclear += 1;
            await pause(20);
          }
        }
      };
      const taken = { kept: 0, undone: 0 };
      const work = async (): Promise<void> => {
        for (let count = 0; !isOver; count += 1) {
          const gid = newGid();
          const actions = await Promise.all([called(gid, 'action'), called(gid, 'action')]);
          expect(actions.map((one) => one.done || one.skipped)).not.toContain('alreadyUndone');
          if (count % 3 > 0) {
            taken.kept += 1;
            continue;
          }
          const undos = await Promise.all([called(gid, 'compensate'), called(gid, 'compensate')]);
          expect(undos.map((one) => one.done || one.skipped)).not.toContain('nothingToUndo');
          taken.undone += 1;
        }
      };
      const working = Promise.all(Array.from({ length: workers }, work));
      const more = async (): Promise<void> => {
        const before = answered;
        await expect.poll(() => answered - before).toBeGreaterThan(answersBetween);
      };
      for (let count = 0; count < kills; count += 1) {
        await more();
        await engine.kill();
        await engine.start();
      }
      await more();
      isOver = true;
      await working;
      expect(unclear).toBeGreaterThan(0);
      expect(taken.kept).toBeGreaterThan(10);
      expect(taken.undone).toBeGreaterThan(5);
      expect(await on.piecesOf(shelf)).toBe(pieces - taken.kept);
      expect(await on.marksOf(shelf)).toHaveLength(taken.kept + 2 * taken.undone);
    } finally {
      await on.close();
      await engine.close();
    }
  },
);
