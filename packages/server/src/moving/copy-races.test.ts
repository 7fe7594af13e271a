/** Copiers beside each other, copiers that stood still for long, and moves that are called off while they go on. */
import { MemoryStore, type Store } from '@tandem/store';
import { createOf, finishedHead, headWith } from '@tandem/store/contract';
import { beforeEach, expect, test } from 'vitest';
import { copyBetween, serves, type CopyRequest } from '../../test/copy-between.js';
import type { CopyReport } from './copy-report.js';
import { releaseHeld } from './held-transactions.js';
import { readMarks, unmark, whyNotToStart } from './moving-marks.js';

const noon = Date.now() - 3_600_000;
const dueHead = headWith({ dueAt: noon, createdAt: noon, updatedAt: noon });

let source: MemoryStore;
let target: MemoryStore;

beforeEach(async () => {
  source = new MemoryStore();
  target = new MemoryStore();
  await source.write([createOf('f', { head: finishedHead(noon) }), createOf('u', { head: dueHead })]);
  await source.putKeyValue('topics', 't', '[1]', 0, noon);
});

function copy(more: CopyRequest = {}): Promise<CopyReport> {
  return copyBetween(source, target, more);
}

/** A store that stands still before the call of this name and number, until it is let go on. */
function standingStill(store: Store, name: keyof Store, call: number) {
  let left = call;
  let reached: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  const still = new Proxy(store, {
    get(inner, member) {
      const value = (inner as unknown as Record<string | symbol, unknown>)[member];
      if (typeof value !== 'function') return value;
      const run = value.bind(inner) as (...args: unknown[]) => Promise<unknown>;
      if (member !== name) return run;
      return async (...args: unknown[]): Promise<unknown> => {
        left -= 1;
        if (left === 0) {
          reached();
          await mayGoOn;
        }
        return run(...args);
      };
    },
  });
  return { still, isReached, goOn };
}

test('two stores that have its finished ones: the unfinished ones move to one of them', async () => {
  const other = new MemoryStore();
  await copy({ isFinishedOnly: true });
  await copy({ isFinishedOnly: true, target: other, targetShown: 'other' });
  await copy();
  await expect(copy({ target: other, targetShown: 'other' })).rejects.toThrow(
    'source was moved to target: copy from there',
  );
  expect([await serves(source), await serves(target), await serves(other)]).toEqual([false, true, false]);
});

test('two copiers at once to two stores: one of them at most is served', async () => {
  const other = new MemoryStore();
  const outcomes = await Promise.allSettled([copy(), copy({ target: other, targetShown: 'other' })]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect([await serves(target), await serves(other)].sort()).toEqual([false, true]);
});

test.each([
  ['load', 1],
  ['load', 3],
  ['scan', 3],
  ['getKeyValue', 3],
] as const)('a copier that stood still before its %s %i changes nothing in a store that serves', async (name, call) => {
  const on = name === 'scan' ? source : target;
  const { still, isReached, goOn } = standingStill(on, name, call);
  const first = copy(on === source ? { from: still } : { target: still });
  await Promise.race([isReached, first.catch(() => undefined)]);
  await copy();
  // A node starts on the target, ends what was unfinished, and changes a topic.
  expect(await whyNotToStart(target, noon)).toBeUndefined();
  const [before] = await target.load(['u'], 'all');
  const done = createOf('u', { head: finishedHead(noon + 1) });
  const expectedVersion = before?.head.version ?? 0;
  await target.write([{ ...done, kind: 'commit', expectedVersion, lease: { kind: 'release' } }]);
  await target.putKeyValue('topics', 't', '[2]', (await target.getKeyValue('topics', 't'))?.version ?? 0, noon);
  await target.putKeyValue('topics', 'new', '[]', 0, noon);
  goOn();
  await expect(first).rejects.toThrow('another copy to target has begun');
  expect((await target.load(['u'], 'all'))[0]?.head).toMatchObject({ finishedAt: noon + 1 });
  expect((await target.getKeyValue('topics', 't'))?.value).toBe('[2]');
  expect((await target.getKeyValue('topics', 'new'))?.value).toBe('[]');
  expect((await readMarks(target)).copy?.state).toBe('used');
});

test.each([
  ['writing', 2],
  ['comparing', 4],
])('called off while it is %s, a copy gives no store away', async (_, load) => {
  const { still, isReached, goOn } = standingStill(target, 'load', load);
  const copying = copy({ target: still });
  await isReached;
  await releaseHeld(source, noon);
  await unmark(source);
  goOn();
  await expect(copying).rejects.toThrow('was called off');
  expect([await serves(source), await serves(target)]).toEqual([true, false]);
});

test('a mark that is taken from the target ends the copy', async () => {
  const { still, isReached, goOn } = standingStill(target, 'load', 2);
  const copying = copy({ target: still });
  await isReached;
  await unmark(target);
  goOn();
  await expect(copying).rejects.toThrow('was called off');
});
