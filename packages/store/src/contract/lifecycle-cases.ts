import { deepEqual, rejects } from 'node:assert/strict';
import type { ContractCase } from './contract-case.js';
import { apply, createOf, loadAll, noon } from './sample-items.js';

export const lifecycleCases: readonly ContractCase[] = [
  {
    name: 'migrating again changes nothing',
    async run(store) {
      await apply(store, createOf('g'));
      await Promise.all([store.migrate(), store.migrate()]);
      deepEqual((await loadAll(store, 'g')).head.version, 1);
    },
  },
  {
    name: 'a store that works answers a ping',
    async run(store) {
      const { engineNow } = await store.ping();
      deepEqual(engineNow === undefined || Number.isInteger(engineNow), true);
    },
  },
  {
    name: 'closing finishes what is under way, can be repeated, and every verb rejects afterwards',
    async run(store) {
      const written = store.write([createOf('g')]);
      await Promise.all([store.close(), store.close()]);
      deepEqual(await written, [{ kind: 'applied', version: 1, epoch: 0 }]);
      const isClosed = { name: 'StoreError', kind: 'closed' };
      await rejects(store.write([createOf('h')]), isClosed);
      await rejects(store.load(['g'], 'all'), isClosed);
      await rejects(store.ping(), isClosed);
      await rejects(store.backlog(noon), isClosed);
    },
  },
];
