/** Three real nodes that all take writes: what two of them change at once, only one of them commits. */
import { MemoryStore, type CommitItem, type CreateItem, type Store, type WriteItem } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCluster, type ClusterInstance } from '../../../scripts/services/cluster-instance.mjs';
import { MysqlPlace } from './mysql-place.js';

const hasPrograms = (process.env['TANDEM_TEST_MARIADB_PROGRAMS'] ?? '') !== '';
const head = {
  ...{ type: 'saga', status: 'submitted', isPaused: false, dueAt: 1, waitsFor: '', createdAt: 1, updatedAt: 1 },
  ...{ finishedAt: undefined, state: '{}' },
};

let tokens = 0;
function token(): string {
  return `token ${String(++tokens)}`;
}

function createOf(gid: string): CreateItem {
  return { kind: 'create', gid, token: token(), head, body: 'b', rows: [], lease: undefined };
}

function commitOf(gid: string, expectedVersion: number): CommitItem {
  const mine = token();
  const rows = [{ branchId: String(expectedVersion), op: 'action', value: mine }];
  return { kind: 'commit', gid, token: mine, expectedVersion, head, rows, lease: { kind: 'keep' } };
}

async function kinds(store: Store, items: readonly WriteItem[]): Promise<readonly string[]> {
  return (await untilAnswered(() => store.write(items))).map((result) => result.kind);
}

describe.skipIf(!hasPrograms)('MariaDB Galera with three nodes (needs TANDEM_TEST_MARIADB_PROGRAMS)', () => {
  let cluster: ClusterInstance;
  let place: MysqlPlace;

  beforeAll(async () => {
    cluster = await openCluster('galera');
    place = await MysqlPlace.open(cluster.members[0]?.url ?? '');
    await place.store();
  });

  beforeEach(async () => {
    await place.clear();
  });

  afterAll(async () => {
    await place.close();
    await cluster.close();
  });

  /** A store whose first host is this node. */
  function storeAt(node: number): Promise<Store> {
    const ports = cluster.members.map((member) => member.port);
    return place.store({ url: place.through(...ports.slice(node), ...ports.slice(0, node)) });
  }

  it.each(storeContract)('one node: $name', async ({ run }) => {
    await run(await storeAt(0));
  });

  it.each([11, 12, 13])('one node answers like the memory store, seed %i', async (seed) => {
    await compareStores(new MemoryStore(), await storeAt(1), { seed, steps: 200 });
  });

  it('what one node acknowledged, every other finds at once', async () => {
    const stores = await Promise.all([0, 1, 2].map(storeAt));
    for (let round = 0; round < 200; round++) {
      const gid = `g${String(round)}`;
      const [writer, reader] = [stores[round % 3], stores[(round + 1) % 3]];
      expect(await writer?.write([createOf(gid)])).toMatchObject([{ kind: 'applied' }]);
      expect((await reader?.load([gid], 'all'))?.[0]?.head.version).toBe(1);
      expect(await reader?.write([commitOf(gid, 1)])).toMatchObject([{ kind: 'applied', version: 2 }]);
      expect((await writer?.load([gid], 'all'))?.[0]?.rows).toHaveLength(1);
    }
  });

  it.each([1, 5, 20])('of writers on three nodes at once, %i gids a batch, one wins each version', async (size) => {
    const gids = Array.from({ length: 20 }, (_, index) => `g${String(index)}`);
    const stores = await Promise.all([0, 1, 2].map(storeAt));
    await stores[0]?.write(gids.map(createOf));
    const applied = new Set<string>();
    const conflicts = new Set<string>();
    const write = async (store: Store): Promise<void> => {
      for (let round = 0; round < 30; round++) {
        const some = gids.slice((round * size) % gids.length).slice(0, size);
        const known = await store.load(some, 'head');
        const commits = known.map((one) => commitOf(one?.head.gid ?? '', one?.head.version ?? 0));
        const results = await kinds(store, commits);
        commits.forEach(({ token }, index) => (results[index] === 'applied' ? applied : conflicts).add(token));
      }
    };
    await Promise.all(stores.map(write));
    const stored = (await stores[2]?.load(gids, 'all')) ?? [];
    const written = stored.flatMap((one) => one?.rows.map((row) => row.value) ?? []);
    // Each version was one writer's, and whoever heard that it was his was right.
    expect(written).toHaveLength(stored.reduce((sum, one) => sum + (one?.head.version ?? 0) - 1, 0));
    for (const one of applied) expect(written).toContain(one);
    // Whose commit somebody wrote over before he could read his token was told of a conflict; never so one alone.
    const missed = written.filter((one) => conflicts.has(one)).length;
    expect(applied.size + missed).toBe(written.length);
    expect(missed).toBeLessThanOrEqual(size === 1 ? 0 : written.length / 10);
  });

  it('of creators on three nodes at once one creates', async () => {
    const stores = await Promise.all([0, 1, 2].map(storeAt));
    for (let round = 0; round < 40; round++) {
      const gids = Array.from({ length: round % 2 === 0 ? 3 : 20 }, (_, index) => `g${String(round)} ${String(index)}`);
      const results = await Promise.all(stores.map((store) => kinds(store, gids.map(createOf))));
      gids.forEach((_, index) => {
        expect(results.map((kind) => kind[index]).sort()).toEqual(['applied', 'exists', 'exists']);
      });
    }
  });

  it('of claimants on three nodes each due transaction goes to one', async () => {
    const stores = await Promise.all([0, 1, 2].map(storeAt));
    const gids = Array.from({ length: 1_500 }, (_, index) => `g${String(index)}`);
    for (let start = 0; start < gids.length; start += 250) {
      await stores[0]?.write(gids.slice(start, start + 250).map(createOf));
    }
    const claim = async (store: Store, owner: string): Promise<readonly string[]> => {
      const mine: string[] = [];
      for (;;) {
        const request = { now: 2, limit: 100, owner, leaseUntil: 1_000_000, token: token() };
        const { claimed, nextAt } = await untilAnswered(() => store.claimDue(request));
        mine.push(...claimed.map((one) => one.head.gid));
        for (const { head: taken } of claimed) expect([taken.leaseOwner, taken.version]).toEqual([owner, 2]);
        if (nextAt === undefined || nextAt > 2) return mine;
      }
    };
    const claimed = (await Promise.all(stores.map((store, index) => claim(store, `owner ${String(index)}`)))).flat();
    expect(claimed.sort()).toEqual([...gids].sort());
  });

  // Last: a node that was killed stays out.
  it('a node that is killed in the middle of commits loses nothing that was acknowledged, and its store goes on', async () => {
    const store = await storeAt(1);
    const acknowledged = new Map<string, number>();
    const kept = new Map<string, CommitItem>();
    let isKilled = false;
    let afterKill = 0;
    const write = async (writer: number): Promise<void> => {
      for (let round = 0; afterKill < 400; round++) {
        const gid = `w${String(writer)} ${String(round)}`;
        const create = createOf(gid);
        const [created] = await untilAnswered(() => store.write([create]));
        expect(created?.kind).toBe('applied');
        const commit = commitOf(gid, 1);
        kept.set(gid, commit);
        const [committed] = await untilAnswered(() => store.write([commit]));
        expect(committed).toEqual({ kind: 'applied', version: 2, epoch: 0 });
        acknowledged.set(gid, 2);
        if (isKilled) afterKill++;
      }
    };
    const writers = Array.from({ length: 6 }, (_, index) => write(index));
    await expect.poll(() => acknowledged.size).toBeGreaterThan(100);
    await cluster.members[1]?.kill('SIGKILL');
    isKilled = true;
    await Promise.all(writers);
    const other = await storeAt(2);
    const gids = [...acknowledged.keys()];
    const stored = await other.load(gids, 'all');
    for (const one of stored) expect([one?.head.version, one?.rows.length]).toEqual([2, 1]);
    // A commit whose reply was lost is recognised on another node too.
    const [last] = [...kept.values()].slice(-1);
    expect(last && (await other.write([last]))).toEqual([{ kind: 'applied', version: 2, epoch: 0 }]);
  });
});

/** As group commit and the scheduler do: the same with the same token, until the store answers. It gives up what took too long. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    }
  }
}
