import { deepEqual } from 'node:assert/strict';
import type { Store, StoredHead } from '../store.js';
import type { ContractCase } from './contract-case.js';
import { apply, commitOf, createOf, headWith, loadAll, noon, writeOne } from './sample-items.js';

type Lease = Pick<StoredHead, 'version' | 'epoch' | 'leaseOwner' | 'leaseUntil'>;

async function leaseOf(store: Store, gid: string): Promise<Lease> {
  const { version, epoch, leaseOwner, leaseUntil } = (await loadAll(store, gid)).head;
  return { version, epoch, leaseOwner, leaseUntil };
}

const held = { lease: { owner: 'a', untilMs: noon + 100 } };

export const leaseCases: readonly ContractCase[] = [
  {
    name: 'a create can take the lease in the same write',
    async run(store) {
      deepEqual(await writeOne(store, createOf('g', held)), { kind: 'applied', version: 1, epoch: 1 });
      deepEqual(await leaseOf(store, 'g'), { version: 1, epoch: 1, leaseOwner: 'a', leaseUntil: noon + 100 });
    },
  },
  {
    name: 'a commit that keeps the lease leaves owner, end and epoch',
    async run(store) {
      await apply(store, createOf('g', held), createOf('free'));
      deepEqual(await writeOne(store, commitOf('g', 1)), { kind: 'applied', version: 2, epoch: 1 });
      deepEqual(await leaseOf(store, 'g'), { version: 2, epoch: 1, leaseOwner: 'a', leaseUntil: noon + 100 });
      await apply(store, commitOf('free', 1));
      deepEqual(await leaseOf(store, 'free'), { version: 2, epoch: 0, leaseOwner: '', leaseUntil: 0 });
    },
  },
  {
    name: 'a commit that renews the lease moves its end alone',
    async run(store) {
      await apply(store, createOf('g', held));
      await apply(store, commitOf('g', 1, { lease: { kind: 'renew', untilMs: noon + 200 } }));
      deepEqual(await leaseOf(store, 'g'), { version: 2, epoch: 1, leaseOwner: 'a', leaseUntil: noon + 200 });
    },
  },
  {
    name: 'a commit that releases the lease leaves no owner, and the epoch',
    async run(store) {
      await apply(store, createOf('g', held));
      await apply(store, commitOf('g', 1, { lease: { kind: 'release' } }));
      deepEqual(await leaseOf(store, 'g'), { version: 2, epoch: 1, leaseOwner: '', leaseUntil: 0 });
    },
  },
  {
    name: 'a commit that takes the lease bumps the epoch, and who held it before is out',
    async run(store) {
      await apply(store, createOf('g', held));
      deepEqual(await writeOne(store, commitOf('g', 1, { lease: { kind: 'take', owner: 'b', untilMs: noon + 300 } })), {
        kind: 'applied',
        version: 2,
        epoch: 2,
      });
      deepEqual(await leaseOf(store, 'g'), { version: 2, epoch: 2, leaseOwner: 'b', leaseUntil: noon + 300 });
      deepEqual(await writeOne(store, commitOf('g', 1, { lease: { kind: 'renew', untilMs: noon + 900 } })), {
        kind: 'conflict',
      });
    },
  },
  {
    name: 'what a commit makes due is still held by its lease',
    async run(store) {
      await apply(store, createOf('g', held));
      await apply(store, commitOf('g', 1, { head: headWith({ dueAt: noon - 5 }) }));
      const claim = { limit: 10, owner: 'b', leaseUntil: noon + 900, token: 'claim' };
      deepEqual((await store.claimDue({ ...claim, now: noon + 99 })).claimed, []);
      deepEqual((await store.claimDue({ ...claim, now: noon + 100 })).claimed.length, 1);
    },
  },
];
