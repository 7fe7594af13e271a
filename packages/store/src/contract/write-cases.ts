import { deepEqual } from 'node:assert/strict';
import type { ContractCase } from './contract-case.js';
import {
  apply,
  commitOf,
  createOf,
  finishedHead,
  headWith,
  loadAll,
  noon,
  sortedRows,
  writeOne,
} from './sample-items.js';

export const writeCases: readonly ContractCase[] = [
  {
    name: 'a created transaction reads as it was written, with version 1 and epoch 0',
    async run(store) {
      const head = headWith({ waitsFor: 'http://b:80', state: '{"reason":"x"}' });
      const rows = [{ branchId: '01', op: 'action', value: '["prepared"]' }];
      deepEqual(await writeOne(store, createOf('g', { head, body: '{"steps":[]}', rows })), {
        kind: 'applied',
        version: 1,
        epoch: 0,
      });
      deepEqual(await loadAll(store, 'g'), {
        head: { ...head, gid: 'g', version: 1, epoch: 0, leaseOwner: '', leaseUntil: 0 },
        body: '{"steps":[]}',
        rows,
      });
    },
  },
  {
    name: 'a gid that is taken is not created again, and stays as it is',
    async run(store) {
      await apply(store, createOf('g', { body: 'first' }));
      deepEqual(await writeOne(store, createOf('g', { body: 'second' })), { kind: 'exists' });
      deepEqual((await loadAll(store, 'g')).body, 'first');
    },
  },
  {
    name: 'a create whose reply was lost reads as applied, and is applied once',
    async run(store) {
      const item = createOf('g', { lease: { owner: 'a', untilMs: noon + 10 } });
      await apply(store, item);
      deepEqual(await writeOne(store, item), { kind: 'applied', version: 1, epoch: 1 });
      deepEqual((await loadAll(store, 'g')).head.version, 1);
    },
  },
  {
    name: 'a commit whose reply was lost reads as applied, and is applied once',
    async run(store) {
      await apply(store, createOf('g'));
      const item = commitOf('g', 1, { rows: [{ branchId: '01', op: 'action', value: 'v' }] });
      await apply(store, item);
      deepEqual(await writeOne(store, item), { kind: 'applied', version: 2, epoch: 0 });
      deepEqual((await loadAll(store, 'g')).head.version, 2);
    },
  },
  {
    name: 'a lost commit is a conflict where somebody has written since',
    async run(store) {
      await apply(store, createOf('g'));
      const item = commitOf('g', 1);
      await apply(store, item);
      await apply(store, commitOf('g', 2));
      deepEqual(await writeOne(store, item), { kind: 'conflict' });
    },
  },
  {
    name: 'a lost create reads as exists where somebody has written since',
    async run(store) {
      const item = createOf('g');
      await apply(store, item);
      await apply(store, commitOf('g', 1));
      deepEqual(await writeOne(store, item), { kind: 'exists' });
    },
  },
  {
    name: 'a commit on another version changes nothing',
    async run(store) {
      await apply(store, createOf('g'));
      const before = await loadAll(store, 'g');
      const item = { head: finishedHead(noon), rows: [{ branchId: '01', op: 'action', value: 'v' }] };
      deepEqual(await writeOne(store, commitOf('g', 2, item)), { kind: 'conflict' });
      deepEqual(await writeOne(store, commitOf('g', 0, item)), { kind: 'conflict' });
      deepEqual(await loadAll(store, 'g'), before);
    },
  },
  {
    name: 'a commit on a gid that is not there is a conflict',
    async run(store) {
      deepEqual(await writeOne(store, commitOf('g', 1)), { kind: 'conflict' });
      deepEqual(await store.load(['g'], 'all'), [undefined]);
    },
  },
  {
    name: 'a commit writes every field of the head but type and createdAt',
    async run(store) {
      await apply(store, createOf('g'));
      const head = headWith({
        type: 'other',
        status: 'aborting',
        isPaused: true,
        dueAt: undefined,
        waitsFor: 'http://c',
        createdAt: noon + 1,
        updatedAt: noon + 2,
        state: '{"reason":"paused"}',
      });
      await apply(store, commitOf('g', 1, { head }));
      const stored = (await loadAll(store, 'g')).head;
      deepEqual(stored, {
        ...head,
        type: 'saga',
        createdAt: noon,
        gid: 'g',
        version: 2,
        epoch: 0,
        leaseOwner: '',
        leaseUntil: 0,
      });
    },
  },
  {
    name: 'a finished transaction keeps its fields',
    async run(store) {
      await apply(store, createOf('g', { body: 'b', rows: [{ branchId: '01', op: 'action', value: 'v' }] }));
      await apply(store, commitOf('g', 1, { head: finishedHead(noon + 5) }));
      const stored = await loadAll(store, 'g');
      deepEqual(stored.head.finishedAt, noon + 5);
      deepEqual(stored.body, 'b');
      deepEqual(sortedRows(stored), ['01 action v']);
    },
  },
  {
    name: 'rows are inserted or replaced by branch and operation, and others stay',
    async run(store) {
      await apply(
        store,
        createOf('g', {
          rows: [
            { branchId: '01', op: 'action', value: 'a' },
            { branchId: '02', op: 'action', value: 'b' },
          ],
        }),
      );
      await apply(
        store,
        commitOf('g', 1, {
          rows: [
            { branchId: '02', op: 'action', value: 'c' },
            { branchId: '01', op: 'compensate', value: 'd' },
          ],
        }),
      );
      deepEqual(sortedRows(await loadAll(store, 'g')), ['01 action a', '01 compensate d', '02 action c']);
    },
  },
  {
    name: 'rows of many commits, small and large, read as they were last written',
    async run(store) {
      await apply(store, createOf('g', { rows: [{ branchId: '00', op: 'action', value: 'first' }] }));
      const expected = new Map([['00 action', 'first']]);
      for (let version = 1; version <= 40; version++) {
        const value = `${version} ${'x'.repeat(version % 5 === 0 ? 2_000 : 3)}`;
        const keys = [`0${version % 4} action`, `0${version % 3} compensate`];
        const rows = keys.map((key) => ({ branchId: key.slice(0, 2), op: key.slice(3), value }));
        await apply(store, commitOf('g', version, { rows }));
        for (const key of keys) expected.set(key, value);
      }
      deepEqual(sortedRows(await loadAll(store, 'g')), [...expected].map(([key, value]) => `${key} ${value}`).sort());
    },
  },
  {
    name: 'an item that fails harms no other item of its batch, whatever the order',
    async run(store) {
      await apply(store, createOf('a'), createOf('b'), createOf('c'));
      const results = await store.write([
        commitOf('a', 1),
        commitOf('b', 7),
        createOf('c'),
        commitOf('missing', 1),
        createOf('d', { rows: [{ branchId: '01', op: 'action', value: 'v' }] }),
      ]);
      deepEqual(
        results.map((result) => result.kind),
        ['applied', 'conflict', 'exists', 'conflict', 'applied'],
      );
      const stored = await store.load(['a', 'b', 'c', 'd', 'missing'], 'head');
      deepEqual(
        stored.map((one) => one?.head.version),
        [2, 1, 1, 1, undefined],
      );
    },
  },
  {
    name: 'a large batch is answered item by item, in order',
    async run(store) {
      const gids = Array.from({ length: 500 }, (_, index) => `g${index}`);
      await apply(store, ...gids.map((gid) => createOf(gid)));
      const results = await store.write(gids.map((gid, index) => commitOf(gid, index % 3 === 0 ? 9 : 1)));
      deepEqual(
        results.map((result) => result.kind),
        gids.map((_, index) => (index % 3 === 0 ? 'conflict' : 'applied')),
      );
    },
  },
  {
    name: 'an empty batch is nothing',
    async run(store) {
      deepEqual(await store.write([]), []);
      deepEqual(await store.load([], 'all'), []);
    },
  },
  {
    name: 'of many writers of one version one wins',
    async run(store) {
      await apply(store, createOf('g'));
      const results = await Promise.all(Array.from({ length: 8 }, () => writeOne(store, commitOf('g', 1))));
      deepEqual(results.filter((result) => result.kind === 'applied').length, 1);
      deepEqual((await loadAll(store, 'g')).head.version, 2);
    },
  },
  {
    name: 'load brings as much as it is asked for, in order',
    async run(store) {
      const rows = [{ branchId: '01', op: 'action', value: 'v' }];
      await apply(store, createOf('a', { rows }), createOf('b', { rows }));
      const parts = async (depth: 'head' | 'body' | 'all'): Promise<unknown> =>
        (await store.load(['b', 'none', 'a'], depth)).map((one) => one && [one.head.gid, one.body, one.rows.length]);
      deepEqual(await parts('head'), [['b', '', 0], undefined, ['a', '', 0]]);
      deepEqual(await parts('body'), [['b', 'body of b', 0], undefined, ['a', 'body of a', 0]]);
      deepEqual(await parts('all'), [['b', 'body of b', 1], undefined, ['a', 'body of a', 1]]);
    },
  },
];
