import { deepEqual, rejects } from 'node:assert/strict';
import type { ScanFilter, Store } from '../store.js';
import type { ContractCase } from './contract-case.js';
import { apply, commitOf, createOf, finishedHead, headWith, noon } from './sample-items.js';

/** Every gid that a filter finds, page by page. */
async function scanAll(store: Store, filter: ScanFilter, limit: number): Promise<readonly string[]> {
  const gids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.scan(filter, cursor, limit);
    if (page.heads.length > limit) throw new Error(`a page of ${page.heads.length}, asked for ${limit}`);
    gids.push(...page.heads.map((head) => head.gid));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return gids;
}

async function fill(store: Store): Promise<void> {
  await apply(
    store,
    createOf('order-1', { head: headWith({ createdAt: noon }) }),
    createOf('order-10', { head: headWith({ createdAt: noon + 1, type: 'msg', status: 'prepared' }) }),
    createOf('order-1-a', { head: finishedHead(noon + 9, { createdAt: noon + 2 }) }),
    createOf('order-2', { head: headWith({ createdAt: noon + 3, isPaused: true }) }),
    createOf('other', { head: headWith({ createdAt: noon + 3 }), lease: { owner: 'a', untilMs: noon + 99 } }),
  );
}

export const scanCases: readonly ContractCase[] = [
  {
    name: 'a cursor that no listing gave is refused, and does not begin anew',
    async run(store) {
      await fill(store);
      for (const cursor of ['nonsense', '', '[]', '["a",1]', '{}']) {
        await rejects(store.scan({}, cursor, 10), { code: 'INVALID_REQUEST' });
      }
    },
  },
  {
    name: 'a listing is newest first, by gid where times are equal, whatever the size of its pages',
    async run(store) {
      await fill(store);
      const all = ['other', 'order-2', 'order-1-a', 'order-10', 'order-1'];
      for (const limit of [1, 2, 5, 100]) deepEqual(await scanAll(store, {}, limit), all);
    },
  },
  {
    name: 'a listing shows heads as they are stored',
    async run(store) {
      await apply(store, createOf('g', { lease: { owner: 'a', untilMs: noon + 5 } }));
      await apply(store, commitOf('g', 1, { head: headWith({ status: 'aborting' }) }));
      const [loaded] = await store.load(['g'], 'head');
      deepEqual(await store.scan({}, undefined, 10), { heads: [loaded?.head], nextCursor: undefined });
    },
  },
  {
    name: 'filters are joined by "and"',
    async run(store) {
      await fill(store);
      const found = (filter: ScanFilter): Promise<readonly string[]> => scanAll(store, filter, 2);
      deepEqual(await found({ status: 'prepared' }), ['order-10']);
      deepEqual(await found({ type: 'saga' }), ['other', 'order-2', 'order-1-a', 'order-1']);
      deepEqual(await found({ isPaused: true }), ['order-2']);
      deepEqual(await found({ isPaused: false, isFinished: false }), ['other', 'order-10', 'order-1']);
      deepEqual(await found({ isFinished: true }), ['order-1-a']);
      deepEqual(await found({ owner: 'a' }), ['other']);
      deepEqual(await found({ createdFrom: noon + 1, createdBefore: noon + 3 }), ['order-1-a', 'order-10']);
      deepEqual(await found({ gidPrefix: 'order-1' }), ['order-1-a', 'order-10', 'order-1']);
      deepEqual(await found({ gidPrefix: 'order-1', type: 'saga', isFinished: false }), ['order-1']);
      deepEqual(await found({ gidPrefix: 'ORDER' }), []);
      deepEqual(await found({ status: 'none' }), []);
    },
  },
  {
    name: 'a prefix is text, not a pattern',
    async run(store) {
      await apply(store, createOf('a%b'), createOf('a_b'), createOf('axb'), createOf('a*b'), createOf('a[b'));
      deepEqual(await scanAll(store, { gidPrefix: 'a%' }, 10), ['a%b']);
      deepEqual(await scanAll(store, { gidPrefix: 'a_' }, 10), ['a_b']);
      deepEqual(await scanAll(store, { gidPrefix: 'a*' }, 10), ['a*b']);
      deepEqual(await scanAll(store, { gidPrefix: 'a[' }, 10), ['a[b']);
    },
  },
  {
    name: 'a listing that is under way misses and repeats nothing that was there before',
    async run(store) {
      const gids = Array.from({ length: 30 }, (_, index) => `g${String(index).padStart(2, '0')}`);
      await apply(store, ...gids.map((gid, index) => createOf(gid, { head: headWith({ createdAt: noon + index }) })));
      const first = await store.scan({}, undefined, 10);
      await apply(store, createOf('new', { head: headWith({ createdAt: noon + 99 }) }), commitOf('g05', 1));
      const seen = first.heads.map((head) => head.gid);
      let cursor = first.nextCursor;
      while (cursor !== undefined) {
        const page = await store.scan({}, cursor, 10);
        seen.push(...page.heads.map((head) => head.gid));
        cursor = page.nextCursor;
      }
      deepEqual(seen, [...gids].reverse());
    },
  },
];
