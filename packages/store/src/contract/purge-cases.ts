import { deepEqual } from 'node:assert/strict';
import type { Store } from '../store.js';
import type { ContractCase } from './contract-case.js';
import { apply, createOf, finishedHead, headWith, loadAll, noon, writeOne } from './sample-items.js';

async function sweep(store: Store, finishedBefore: number, limit: number): Promise<number> {
  let purged = 0;
  let cursor: string | undefined;
  do {
    const result = await store.purge(finishedBefore, cursor, limit);
    if (result.purged > limit) throw new Error(`${result.purged} purged at once, asked for ${limit}`);
    purged += result.purged;
    cursor = result.nextCursor;
  } while (cursor !== undefined);
  return purged;
}

export const purgeCases: readonly ContractCase[] = [
  {
    name: 'a sweep deletes what finished before the horizon, and nothing else',
    async run(store) {
      const rows = [{ branchId: '01', op: 'action', value: 'v' }];
      await apply(
        store,
        createOf('old', { head: finishedHead(noon - 1, { createdAt: noon - 9 }), rows }),
        createOf('on the horizon', { head: finishedHead(noon, { createdAt: noon - 8 }) }),
        createOf('running', { head: headWith({ createdAt: noon - 7 }) }),
        createOf('paused', { head: headWith({ createdAt: noon - 6, isPaused: true }) }),
        createOf('older', { head: finishedHead(noon - 5, { createdAt: noon - 5 }) }),
      );
      deepEqual(await sweep(store, noon, 2), 2);
      const left = await store.scan({}, undefined, 10);
      deepEqual(
        left.heads.map((head) => head.gid),
        ['paused', 'running', 'on the horizon'],
      );
      deepEqual(await store.load(['old', 'older'], 'all'), [undefined, undefined]);
    },
  },
  {
    name: 'a sweep gets through many transactions in small steps',
    async run(store) {
      const items = Array.from({ length: 300 }, (_, index) => {
        const createdAt = noon - 300 + index;
        const head = index % 3 === 0 ? headWith({ createdAt }) : finishedHead(createdAt, { createdAt });
        return createOf(`g${index}`, { head });
      });
      await apply(store, ...items);
      deepEqual(await sweep(store, noon, 7), 200);
      deepEqual(await sweep(store, noon, 7), 0);
      deepEqual((await store.backlog(noon)).unfinished, 100);
    },
  },
  {
    name: 'a repeat of a purged gid is a new transaction, without the rows of the old one',
    async run(store) {
      await apply(
        store,
        createOf('g', { head: finishedHead(noon - 1), rows: [{ branchId: '01', op: 'action', value: 'v' }] }),
      );
      deepEqual(await sweep(store, noon + 1, 10), 1);
      deepEqual(await writeOne(store, createOf('g', { body: 'new' })), { kind: 'applied', version: 1, epoch: 0 });
      const stored = await loadAll(store, 'g');
      deepEqual([stored.body, stored.rows], ['new', []]);
    },
  },
];
