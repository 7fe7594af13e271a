import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitOf, createOf } from './contract/sample-items.js';
import { GroupCommit, type GroupCommitTiming } from './group-commit.js';
import { MemoryStore } from './memory-store.js';
import { StoreError } from './store-error.js';
import type { Store, WriteItem, WriteResult } from './store.js';

// The same in each run, so that a run which fails tells of what was changed; `SEED` chooses another.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 1) });

/** What a run of group commit meets: writes of few gids, faults of batches, and batches that take turns. */
const anyRun = fc.record({
  writes: fc.array(
    fc.record({
      gid: fc.constantFrom('a', 'b', 'c', 'd'),
      bytes: fc.nat({ max: 4_000 }),
      isRetried: fc.boolean(),
      /** Turns of the engine before the next write comes. */
      pause: fc.nat({ max: 2 }),
    }),
    { maxLength: 30 },
  ),
  faults: fc.array(fc.constantFrom(undefined, undefined, 'before', 'after', 'corrupt'), { maxLength: 12 }),
  itemsMax: fc.integer({ min: 1, max: 4 }),
  bytesMax: fc.integer({ min: 1, max: 6_000 }),
  batchesMax: fc.integer({ min: 1, max: 3 }),
  pendingMax: fc.integer({ min: 1, max: 12 }),
});

/** Time that passes as fast as the engine turns. */
function fastTime(): GroupCommitTiming {
  let now = 1_000;
  return {
    now: () => (now += 1),
    setTimer(_, fire) {
      const timer = setImmediate(fire);
      return () => {
        clearImmediate(timer);
      };
    },
    defer: setImmediate,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('every write of any run is answered once, in order within its gid, in batches within their limits', async () => {
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ writes, faults, itemsMax, bytesMax, batchesMax, pendingMax }) => {
      const inner = new MemoryStore();
      const left = [...faults];
      let underWay = 0;
      const broken: string[] = [];
      const gidsUnderWay = new Set<string>();
      /** Order in which the items of each gid reached the store, first tries only. */
      const reached = new Map<string, number[]>();
      const places = new Map<WriteItem, number>();
      const store = Object.create(inner, {
        write: {
          value: async (items: readonly WriteItem[]): Promise<readonly WriteResult[]> => {
            underWay += 1;
            // What is thrown here is a fault of the store to group commit: found things are kept for later.
            const bytes = items.reduce((sum, { head }) => sum + head.state.length, 0);
            if (underWay > batchesMax) broken.push('too many batches are under way');
            if (items.length === 0 || items.length > itemsMax) broken.push('too many items, or none');
            if (items.length > 1 && bytes > bytesMax) broken.push('too many bytes');
            for (const item of items) {
              if (gidsUnderWay.has(item.gid)) broken.push('one gid is in two batches, or twice in one');
              gidsUnderWay.add(item.gid);
              const before = reached.get(item.gid) ?? [];
              const place = places.get(item) ?? -1;
              if (!before.includes(place)) reached.set(item.gid, [...before, place]);
            }
            await turn();
            const fault = left.shift();
            underWay -= 1;
            for (const { gid } of items) gidsUnderWay.delete(gid);
            if (fault === 'before') throw new StoreError('unavailable', 'down');
            if (fault === 'corrupt') throw new StoreError('corrupt', 'broken');
            const results = await inner.write(items);
            if (fault === 'after') throw new StoreError('unavailable', 'the answer was lost');
            return results;
          },
        },
      }) as Store;
      const group = new GroupCommit(store, { timing: fastTime(), itemsMax, bytesMax, batchesMax, pendingMax });
      const answers: Promise<string>[] = [];
      const known = new Set<string>();
      for (const [place, { gid, bytes, isRetried, pause }] of writes.entries()) {
        const fresh = known.has(gid) ? commitOf(gid, 1) : createOf(gid);
        known.add(gid);
        const item: WriteItem = { ...fresh, head: { ...fresh.head, state: 'x'.repeat(bytes) } };
        places.set(item, place);
        const write = group.write(item, isRetried ? { retryUntil: 1_000_000 } : {});
        answers.push(
          write.then(
            ({ kind }) => kind,
            (error: unknown) => (error as { code?: string }).code ?? 'fault',
          ),
        );
        expect(group.pending).toBeLessThanOrEqual(pendingMax * 2);
        for (let turns = 0; turns < pause; turns += 1) await turn();
      }
      const kinds = await Promise.all(answers);
      for (const kind of kinds) expect(['applied', 'conflict', 'exists', 'OVERLOADED', 'fault']).toContain(kind);
      expect(broken).toEqual([]);
      expect(group.pending).toBe(0);
      for (const places of reached.values()) expect(places).toEqual([...places].sort((one, other) => one - other));
      const refused = kinds.filter((kind) => kind === 'OVERLOADED').length;
      expect([...reached.values()].flat()).toHaveLength(writes.length - refused);
      await group.close();
      await expect(group.write(createOf('late'))).rejects.toMatchObject({ kind: 'closed' });
    }),
    { numRuns: 300 },
  );
});
