import { deepEqual } from 'node:assert/strict';
import { compareBytes } from '../byte-order.js';
import type { Store } from '../store.js';
import type { ContractCase } from './contract-case.js';
import { noon } from './sample-items.js';

async function keysOf(store: Store, category: string, limit: number): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.scanKeyValues(category, cursor, limit);
    keys.push(...page.items.map((item) => item.key));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return keys;
}

export const keyValueCases: readonly ContractCase[] = [
  {
    name: 'a key is put by the version that its writer has seen',
    async run(store) {
      deepEqual(await store.getKeyValue('topic', 'k'), undefined);
      deepEqual(await store.putKeyValue('topic', 'k', 'x', 1, noon), false);
      deepEqual(await store.putKeyValue('topic', 'k', 'a', 0, noon), true);
      deepEqual(await store.putKeyValue('topic', 'k', 'b', 0, noon), false);
      deepEqual(await store.putKeyValue('topic', 'k', 'c', 1, noon + 5), true);
      deepEqual(await store.getKeyValue('topic', 'k'), {
        category: 'topic',
        key: 'k',
        value: 'c',
        version: 2,
        createdAt: noon,
        updatedAt: noon + 5,
      });
    },
  },
  {
    name: 'a key that was deleted is gone, and its version goes on when it is put again',
    async run(store) {
      deepEqual(await store.deleteKeyValue('topic', 'k'), false);
      await store.putKeyValue('topic', 'k', 'a', 0, noon);
      await store.putKeyValue('topic', 'k', 'b', 1, noon);
      deepEqual(await store.deleteKeyValue('topic', 'k'), true);
      deepEqual(await store.deleteKeyValue('topic', 'k'), false);
      deepEqual(await store.getKeyValue('topic', 'k'), undefined);
      deepEqual(await keysOf(store, 'topic', 10), []);
      deepEqual(await store.putKeyValue('topic', 'k', 'c', 2, noon), false);
      deepEqual(await store.putKeyValue('topic', 'k', 'c', 0, noon + 9), true);
      const stored = await store.getKeyValue('topic', 'k');
      deepEqual([stored?.value, stored?.version, stored?.createdAt], ['c', 3, noon + 9]);
    },
  },
  {
    name: 'of many writers of one version one wins',
    async run(store) {
      await store.putKeyValue('topic', 'k', 'a', 0, noon);
      const puts = Array.from({ length: 8 }, (_, index) => store.putKeyValue('topic', 'k', String(index), 1, noon));
      deepEqual((await Promise.all(puts)).filter(Boolean).length, 1);
    },
  },
  {
    name: 'categories are kept apart',
    async run(store) {
      await store.putKeyValue('a', 'b:c', '1', 0, noon);
      await store.putKeyValue('a:b', 'c', '2', 0, noon);
      deepEqual((await store.getKeyValue('a', 'b:c'))?.value, '1');
      deepEqual((await store.getKeyValue('a:b', 'c'))?.value, '2');
      deepEqual(await keysOf(store, 'a', 10), ['b:c']);
    },
  },
  {
    name: 'keys are listed in the order of their bytes, page by page, all of them',
    async run(store) {
      const keys = Array.from({ length: 250 }, (_, index) => `key-${index}`).concat('KEY', 'ä', '\u{1f600}', '\uffee');
      for (const key of keys) await store.putKeyValue('topic', key, key, 0, noon);
      const sorted = [...keys].sort(compareBytes);
      for (const limit of [7, 1000]) deepEqual(await keysOf(store, 'topic', limit), sorted);
    },
  },
];
