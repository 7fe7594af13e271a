/**
 * The unfinished transactions of a store that is being moved are held by a lease of the copy's own, so that nobody runs them
 * there any more: not even a node that was paused for long, was taken for dead, and wakes up.
 */
import { randomUUID } from 'node:crypto';
import { GroupCommit, type LeaseChange, type Store, type StoredHead } from '@tandem/store';
import { headPages } from './head-pages.js';
import { headFieldsOf } from './moved-transaction.js';
import { MovingRefused } from './moving-source.js';

export const holder = 'tandem-store-copy';

const year = 365 * 24 * 3600_000;
const heldForMs = 100 * year;
const patienceMs = 60_000;

/** Rejects with `MovingRefused` where somebody else works on one of them. `now` is on the store's clock. */
export async function holdUnfinished(store: Store, now: number): Promise<void> {
  await changeLeases(store, { isFinished: false }, now, { kind: 'take', owner: holder, untilMs: now + heldForMs });
}

/** Gives them back to whoever serves the store. */
export async function releaseHeld(store: Store, now: number): Promise<void> {
  await changeLeases(store, { isFinished: false, owner: holder }, now, { kind: 'release' });
}

async function changeLeases(
  store: Store,
  filter: { readonly isFinished: boolean; readonly owner?: string },
  now: number,
  lease: LeaseChange,
): Promise<void> {
  const writes = new GroupCommit(store);
  try {
    for await (const heads of headPages(store, filter)) {
      await Promise.all(
        heads.filter((head) => isToChange(head, now, lease)).map((head) => change(writes, head, lease)),
      );
    }
  } finally {
    await writes.close();
  }
}

function isToChange({ gid, leaseOwner, leaseUntil }: StoredHead, now: number, lease: LeaseChange): boolean {
  if (leaseOwner === holder) return lease.kind === 'release' || leaseUntil <= now + year;
  if (leaseUntil > now)
    throw new MovingRefused(`transaction ${gid} is being run by node ${leaseOwner}: stop every node`);
  return lease.kind === 'take';
}

async function change(writes: GroupCommit, head: StoredHead, lease: LeaseChange): Promise<void> {
  const { gid, version: expectedVersion } = head;
  const item = {
    kind: 'commit',
    gid,
    token: randomUUID(),
    expectedVersion,
    head: headFieldsOf(head),
    rows: [],
    lease,
  } as const;
  const result = await writes.write(item, { retryUntil: Date.now() + patienceMs });
  if (result.kind !== 'applied') throw new MovingRefused(`transaction ${gid} is being changed: stop every node`);
}
