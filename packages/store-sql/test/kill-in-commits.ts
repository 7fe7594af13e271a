import { GroupCommit, type Store, type WriteItem } from '@tandem/store';
import { commitOf, createOf, finishedHead, noon } from '@tandem/store/contract';
import { expect } from 'vitest';
import type { Instance } from '../../../scripts/services/instance.mjs';

const inFlight = 24;
const kills = 3;
/** Large enough for a place of its own, where an engine has one. */
const body = 'b'.repeat(3_000);

/**
 * Writes one transaction after the other, each of three writes, while the engine is killed and started again. None may be refused,
 * however often it dies, and all that was acknowledged must be there.
 * @returns the gids that were written
 */
export async function killInCommits(store: Store, instance: Instance): Promise<readonly string[]> {
  const group = new GroupCommit(store);
  const acknowledged = new Map<string, number>();
  let isEnding = false;
  const retryUntil = Date.now() + 110_000;

  const run = async (runner: number): Promise<void> => {
    for (let count = 0; !isEnding; count++) {
      const gid = `g-${String(runner)}-${String(count)}`;
      for (const [index, item] of writesOf(gid).entries()) {
        const result = await group.write(item, { retryUntil });
        expect(result).toEqual({ kind: 'applied', version: index + 1, epoch: 1 });
        acknowledged.set(gid, index + 1);
      }
    }
  };
  const untilMore = async (count: number): Promise<void> => {
    const before = acknowledged.size;
    await expect.poll(() => acknowledged.size, { interval: 5 }).toBeGreaterThan(before + count);
  };

  const runners = Promise.all(Array.from({ length: inFlight }, (_, runner) => run(runner)));
  for (let round = 0; round < kills; round++) {
    await untilMore(100);
    await instance.kill();
    await instance.start();
  }
  await untilMore(50);
  isEnding = true;
  await runners;
  expect(group.counts().faults).toBeGreaterThan(0);

  const gids = [...acknowledged.keys()];
  const stored = await store.load(gids, 'all');
  expect(stored.map((one) => one?.head.version)).toEqual([...acknowledged.values()]);
  expect(stored.filter((one) => one?.rows.length !== 2 || one.body !== body)).toEqual([]);
  return gids;
}

function writesOf(gid: string): readonly WriteItem[] {
  const row = (op: string, value: string) => ({ branchId: '01', op, value });
  return [
    createOf(gid, { body, lease: { owner: 'a', untilMs: noon } }),
    commitOf(gid, 1, { rows: [row('one', gid)] }),
    commitOf(gid, 2, { head: finishedHead(noon), rows: [row('two', body)], lease: { kind: 'release' } }),
  ];
}
