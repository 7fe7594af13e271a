import type { Store } from '@tandem/store';
import { headPages } from './head-pages.js';

const shownMax = 5;

/** The nodes that are at work on a store, by their ids, a few of them: those that hold leases. */
export async function liveNodes(store: Store): Promise<readonly string[]> {
  const { engineNow } = await store.ping();
  const now = engineNow ?? Date.now();
  const owners = new Set<string>();
  for await (const heads of headPages(store, { isFinished: false })) {
    for (const { leaseOwner, leaseUntil } of heads) if (leaseUntil > now) owners.add(leaseOwner);
    if (owners.size >= shownMax) break;
  }
  return [...owners].map((owner) => `node ${owner}`);
}
