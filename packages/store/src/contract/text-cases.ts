import { deepEqual } from 'node:assert/strict';
import { compareBytes } from '../byte-order.js';
import type { ContractCase } from './contract-case.js';
import { apply, commitOf, createOf, headWith, loadAll, noon } from './sample-items.js';

/** Gids that some engine, pattern, path or key scheme somewhere mixes up. */
const awkwardGids = [
  'order-1',
  'order-10',
  'order-1-a',
  'order-1 ',
  ' order-1',
  'ORDER-1',
  'Order-1',
  "it's",
  'say "hi"',
  '`tick`',
  "'; DROP TABLE tx; --",
  'a/b/c',
  'a\\b',
  '../../etc',
  '{tag}',
  '}{',
  '%',
  '%%',
  '_',
  '*',
  '?',
  '$1',
  ':gid',
  'null',
  'undefined',
  '0',
  '00',
  '1e3',
  'true',
  'ä',
  'a\u0308',
  'ss',
  'ß',
  '日本',
  '\u{1f600}',
  '\uffee',
  'x'.repeat(128),
  'é'.repeat(128),
  '\u{1f600}'.repeat(64),
];

export const textCases: readonly ContractCase[] = [
  {
    name: 'gids that look alike are kept apart and come back as given',
    async run(store) {
      await apply(
        store,
        ...awkwardGids.map((gid) => createOf(gid, { rows: [{ branchId: '01', op: 'a', value: gid }] })),
      );
      await apply(store, ...awkwardGids.map((gid) => commitOf(gid, 1, { head: headWith({ state: gid }) })));
      for (const gid of awkwardGids) {
        const stored = await loadAll(store, gid);
        deepEqual(
          [stored.head.gid, stored.head.state, stored.body, stored.rows],
          [gid, gid, `body of ${gid}`, [{ branchId: '01', op: 'a', value: gid }]],
        );
      }
    },
  },
  {
    name: 'gids are ordered by their bytes',
    async run(store) {
      await apply(store, ...awkwardGids.map((gid) => createOf(gid)));
      const page = await store.scan({}, undefined, 1000);
      deepEqual(
        page.heads.map((head) => head.gid),
        [...awkwardGids].sort(compareBytes).reverse(),
      );
    },
  },
  {
    name: 'every gid is found by itself as a prefix',
    async run(store) {
      await apply(store, ...awkwardGids.map((gid) => createOf(gid)));
      for (const gid of awkwardGids) {
        const page = await store.scan({ gidPrefix: gid }, undefined, 1000);
        const expected = awkwardGids.filter((other) => other.startsWith(gid));
        deepEqual(new Set(page.heads.map((head) => head.gid)), new Set(expected));
      }
    },
  },
  {
    name: 'long texts come back as given',
    async run(store) {
      const long = JSON.stringify({ text: `\u0000\u0007"\\ äß日\u{1f600}\ud800`.repeat(30_000) });
      await apply(
        store,
        createOf('g', {
          head: headWith({ state: long, waitsFor: 'h'.repeat(300), type: 't'.repeat(16), status: 's'.repeat(16) }),
          body: long + long,
          rows: [{ branchId: '01', op: 'action', value: long }],
        }),
      );
      const stored = await loadAll(store, 'g');
      deepEqual(stored.head.state === long, true);
      deepEqual(stored.body === long + long, true);
      deepEqual(stored.rows[0]?.value === long, true);
      deepEqual([stored.head.waitsFor.length, stored.head.type.length, stored.head.status.length], [300, 16, 16]);
    },
  },
  {
    name: 'a transaction of ten thousand rows is one unit',
    async run(store) {
      const rows = Array.from({ length: 10_000 }, (_, index) => ({
        branchId: String(index),
        op: 'action',
        value: 'v',
      }));
      await apply(store, createOf('g', { rows }));
      await apply(store, commitOf('g', 1, { rows: [{ branchId: '9999', op: 'action', value: 'w' }] }));
      const stored = await loadAll(store, 'g');
      deepEqual(stored.rows.length, 10_000);
      deepEqual(stored.rows.filter((row) => row.value === 'w').length, 1);
    },
  },
  {
    name: 'times a hundred years away and in the past are kept to the millisecond',
    async run(store) {
      const far = noon + 100 * 365 * 24 * 3600 * 1000 + 7;
      await apply(store, createOf('g', { head: headWith({ dueAt: far, createdAt: 1, updatedAt: 0 }) }));
      const { head } = await loadAll(store, 'g');
      deepEqual([head.dueAt, head.createdAt, head.updatedAt], [far, 1, 0]);
    },
  },
];
