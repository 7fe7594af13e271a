/** Writes whose replies are lost, and their repetitions: the same course of events for every engine. */
import type { Store, StoredTransaction, WriteItem, WriteResult } from '@tandem/store';
import { commitOf, createOf, headWith } from '@tandem/store/contract';
import { expect } from 'vitest';
import type { TcpProxy } from '../../../scripts/network/tcp-proxy.mjs';

interface BehindProxy {
  readonly store: Store;
  readonly proxy: TcpProxy;
}

/** How an engine's suite keeps a record from its writers, and sees how many wait for it. */
interface Holder {
  /** Answers what lets go of it. */
  readonly hold: (gid: string) => Promise<() => Promise<void>>;
  readonly untilWaiting: (count: number) => Promise<void>;
}

/** Commits of `g` and `h` and the creation of `i`, cut off while they wait; answers what their repetition came to. */
export async function cutWhileItWaits(
  { store, proxy }: BehindProxy,
  { hold, untilWaiting }: Holder,
): Promise<readonly WriteResult[]> {
  await store.write([createOf('g'), createOf('h')]);
  const letGo = await hold('g');
  const rows = [{ branchId: '01', op: 'action', value: 'v' }];
  const written = store.write([commitOf('g', 1, { rows }), commitOf('h', 1), createOf('i')]);
  await untilWaiting(1);
  proxy.cutClients();
  await untilWaiting(2);
  await letGo();
  return written;
}

/** A first write comes after its repetition and after the next ones, and must change nothing; `created` is of the gid `new`. */
export async function arrivesAfterWhatFollowed(
  { store, proxy }: BehindProxy,
  created: WriteItem,
): Promise<StoredTransaction | undefined> {
  await store.write([createOf('g')]);
  proxy.holdRequests();
  const written = store.write([commitOf('g', 1, { head: headWith({ state: 'first' }) }), created]);
  await expect.poll(() => proxy.heldRequests, { interval: 10 }).toBeGreaterThan(0);
  proxy.cutClients();
  expect((await written).map(({ kind }) => kind)).toEqual(['applied', 'applied']);
  await store.write([commitOf('g', 2, { head: headWith({ state: 'second' }) }), commitOf('new', 1)]);
  proxy.releaseRequests();
  await expect.poll(() => proxy.answersToNobody, { interval: 10 }).toBeGreaterThan(0);
  const [g, kept] = await store.load(['g', 'new'], 'all');
  expect([g?.head.version, g?.head.state, kept?.head.version]).toEqual([3, 'second', 2]);
  return kept;
}
