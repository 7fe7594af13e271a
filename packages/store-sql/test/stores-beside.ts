/** Several stores that work on the same transactions. */
import type { Store } from '@tandem/store';
import { commitOf, createOf, newToken, noon } from '@tandem/store/contract';
import { expect } from 'vitest';

const row = { branchId: '01', op: 'action', value: 'v' };

/**
 * Commits to the same gids from all of the stores, in batches that are small and large, forward and backward. None may fail, and each
 * version may be applied once.
 */
export async function commitBeside(stores: readonly [Store, ...Store[]]): Promise<void> {
  const [first] = stores;
  const gids = Array.from({ length: 20 }, (_, index) => `g${String(index)}`);
  await first.write(gids.map((gid) => createOf(gid)));
  let applied = 0;
  const writer = async (store: Store, seed: number): Promise<void> => {
    for (let round = 0; round < 40; round++) {
      const chosen = gids.filter((_, index) => (index * 7 + round * seed) % 3 !== 0).slice(round % 2 === 0 ? 0 : 6);
      if ((round + seed) % 2 === 0) chosen.reverse();
      const stored = await store.load(chosen, 'head');
      const items = chosen.map((gid, index) => commitOf(gid, stored[index]?.head.version ?? 0, { rows: [row] }));
      const results = await store.write(items);
      applied += results.filter(({ kind }) => kind === 'applied').length;
    }
  };
  await Promise.all(stores.flatMap((store, index) => [writer(store, index + 1), writer(store, index + 3)]));
  const versions = (await first.load(gids, 'head')).map((one) => one?.head.version ?? 0);
  expect(applied).toBeGreaterThan(100);
  expect(versions.reduce((sum, version) => sum + version - 1, 0)).toBe(applied);
}

/** Ten thousand due transactions, which all of the stores claim side by side: each goes to one of them. */
export async function claimEachOnce(stores: readonly [Store, ...Store[]]): Promise<void> {
  const gids = Array.from({ length: 10_000 }, (_, index) => `g${String(index)}`);
  for (let start = 0; start < gids.length; start += 500) {
    await stores[0].write(gids.slice(start, start + 500).map((gid) => createOf(gid)));
  }
  const claimed: string[] = [];
  const startedAt = performance.now();
  const claimAll = async (store: Store, owner: string): Promise<void> => {
    for (;;) {
      const request = { now: noon, limit: 100, owner, leaseUntil: noon + 60_000, token: newToken() };
      const result = await store.claimDue(request);
      claimed.push(...result.claimed.map(({ head }) => head.gid));
      if (result.claimed.length === 0 && (result.nextAt ?? Infinity) > noon) return;
    }
  };
  await Promise.all(stores.map((store, index) => claimAll(store, `node-${String(index)}`)));
  const perSecond = Math.round((claimed.length / (performance.now() - startedAt)) * 1_000);
  console.log(`10,000 due transactions claimed by ${String(stores.length)} stores: ${String(perSecond)} a second`);
  expect(claimed).toHaveLength(10_000);
  expect(new Set(claimed).size).toBe(10_000);
}
