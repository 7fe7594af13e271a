import type { Store } from '@tandem/store';
import { listNodes } from '../nodes/node-slots.js';
import { headPages } from './head-pages.js';
import { holder } from './held-transactions.js';
import { storeTime } from './store-time.js';

const shownMax = 5;

/**
 * The nodes that are at work on a store, a few of them: those that have given a sign of life a moment ago, and those that hold
 * leases.
 */
export async function liveNodes(store: Store): Promise<readonly string[]> {
  const now = await storeTime(store);
  const views = await listNodes(store, now, 0);
  const nodes = views.flatMap(({ isAlive, id, http }) => (isAlive ? [`node ${id} (${http})`] : []));
  if (nodes.length > 0) return nodes.slice(0, shownMax);
  const owners = new Set<string>();
  for await (const heads of headPages(store, { isFinished: false })) {
    for (const { leaseOwner, leaseUntil } of heads) {
      if (leaseUntil > now && leaseOwner !== holder) owners.add(leaseOwner);
    }
    if (owners.size >= shownMax) break;
  }
  return [...owners].map((owner) => `node ${owner}`);
}
