import { inspect } from 'node:util';
import type { Store, WriteResult } from '@tandem/store';
import { commitOf, createOf, finishedHead, headWith, newToken, noon } from '@tandem/store/contract';
import { openMongoStore } from '@tandem/store-mongo';
import { describe, expect, it } from 'vitest';
import { TcpProxy } from '../../../scripts/network/tcp-proxy.mjs';
import { mongoUrl, newDatabase, withDatabase, withStore } from './test-database.js';

const row = { branchId: '01', op: 'action', value: 'v' };

async function writeOne(store: Store, item: Parameters<Store['write']>[0][number]): Promise<WriteResult | undefined> {
  return (await store.write([item]))[0];
}

/** Whether a message is such a command: the first field of its document, a string, the collection. */
function command(name: 'insert' | 'update'): (bytes: Buffer) => boolean {
  return (bytes) => bytes.includes(`\u0002${name}\0`);
}

/** A store behind a proxy, beside the one that `withStore` gives, on the same database. */
async function withProxy(use: (store: Store, proxy: TcpProxy, direct: Store) => Promise<void>): Promise<void> {
  await withStore(async (direct, { database }) => {
    const { proxy, url } = await TcpProxy.before(mongoUrl);
    const store = await openMongoStore({ url, database });
    try {
      await use(store, proxy, direct);
    } finally {
      await store.close();
      await proxy.close();
    }
  });
}

describe.runIf(mongoUrl !== '')('MongoDB when answers are lost', () => {
  it('a create whose answer was lost is recognised by its token', async () => {
    await withProxy(async (store, proxy) => {
      proxy.loseNextAnswerTo(command('insert'));
      const item = createOf('g', { rows: [row], lease: { owner: 'a', untilMs: noon } });
      expect(await writeOne(store, item)).toEqual({ kind: 'applied', version: 1, epoch: 1 });
      expect(proxy.lost).toBe(1);
    });
  });

  it('a commit whose answer was lost is recognised by its token, and applied once', async () => {
    await withProxy(async (store, proxy) => {
      await store.write([createOf('g'), createOf('h')]);
      proxy.loseNextAnswerTo(command('update'));
      const items = [commitOf('g', 1, { rows: [row] }), commitOf('h', 7)];
      expect(await store.write(items)).toEqual([{ kind: 'applied', version: 2, epoch: 0 }, { kind: 'conflict' }]);
      expect(proxy.lost).toBe(1);
      expect((await store.load(['g'], 'all'))[0]).toMatchObject({ head: { version: 2 }, rows: [row] });
    });
  });

  it('a commit that comes late, after it was sent again, changes nothing', async () => {
    await withProxy(async (store, proxy, direct) => {
      await store.write([createOf('g')]);
      proxy.holdNext(command('update'));
      expect(await writeOne(store, commitOf('g', 1))).toEqual({ kind: 'applied', version: 2, epoch: 0 });
      expect(proxy.lost).toBe(1);
      proxy.releaseRequests();
      // A write of its own, so that what was released has been done: writes take turns.
      expect(await writeOne(direct, commitOf('g', 2))).toMatchObject({ version: 3 });
      expect((await direct.load(['g'], 'head'))[0]?.head.version).toBe(3);
    });
  });

  it('a claim whose answer was lost claims what it has taken', async () => {
    await withProxy(async (store, proxy) => {
      await store.write([createOf('g'), createOf('h')]);
      proxy.loseNextAnswerTo(command('update'));
      const request = { now: noon, limit: 10, owner: 'a', leaseUntil: noon + 1000, token: newToken() };
      expect((await store.claimDue(request)).claimed).toHaveLength(2);
      expect(proxy.lost).toBe(1);
    });
  });

  it('a key that was put, and the answer lost, was put', async () => {
    await withProxy(async (store, proxy) => {
      proxy.loseNextAnswerTo(command('insert'));
      expect(await store.putKeyValue('topic', 'k', 'a', 0, noon)).toBe(true);
      proxy.loseNextAnswerTo(command('update'));
      expect(await store.putKeyValue('topic', 'k', 'b', 1, noon)).toBe(true);
      proxy.loseNextAnswerTo(command('update'));
      expect(await store.deleteKeyValue('topic', 'k')).toBe(true);
      expect(proxy.lost).toBe(3);
    });
  });
});

describe.runIf(mongoUrl !== '')('MongoDB with several stores', () => {
  it('two stores that write the same gids: as many commits apply as versions are bumped, each with its rows', async () => {
    await withStore(async (one, { database }) => {
      const other = await openMongoStore({ url: mongoUrl, database });
      try {
        const gids = Array.from({ length: 8 }, (_, index) => `g${index}`);
        await one.write(gids.map((gid) => createOf(gid)));
        const applied = (
          await Promise.all([one, other].map((store, name) => commitAll(store, String(name), gids)))
        ).flat();
        const stored = await one.load(gids, 'all');
        for (const transaction of stored) {
          const gid = transaction?.head.gid ?? '';
          const own = applied.filter((key) => key.startsWith(`${gid} `));
          expect(transaction?.head.version).toBe(own.length + 1);
          expect(transaction?.rows.map(({ branchId }) => branchId).sort()).toEqual(own.sort());
        }
        expect(applied.length).toBeGreaterThan(gids.length * 2);
      } finally {
        await other.close();
      }
    });
  });

  it('of 200 due transactions four stores claim each once', async () => {
    await withStore(async (first, { database }) => {
      const gids = Array.from({ length: 200 }, (_, index) => `g${index}`);
      await first.write(gids.map((gid) => createOf(gid)));
      const others = await Promise.all([1, 2, 3].map(() => openMongoStore({ url: mongoUrl, database })));
      try {
        const claimed = (await Promise.all([first, ...others].map(claimAll))).flat();
        expect(claimed.toSorted()).toEqual(gids.toSorted());
      } finally {
        for (const store of others) await store.close();
      }
    });
  });
});

/** Commits to every gid some times, each time on the version that was read; answers `gid name round` of what applied. */
async function commitAll(store: Store, name: string, gids: readonly string[]): Promise<readonly string[]> {
  const applied: string[] = [];
  for (let round = 0; round < 12; round++) {
    const heads = await store.load(gids, 'head');
    const items = gids.map((gid, index) =>
      commitOf(gid, heads[index]?.head.version ?? 0, {
        rows: [{ branchId: `${gid} ${name} ${round}`, op: 'action', value: 'v' }],
      }),
    );
    const results = await store.write(items);
    results.forEach((result, index) => {
      if (result.kind === 'applied') applied.push(`${gids[index] ?? ''} ${name} ${round}`);
    });
  }
  return applied;
}

async function claimAll(store: Store, index: number): Promise<readonly string[]> {
  const claimed: string[] = [];
  for (;;) {
    const request = { now: noon, limit: 40, owner: `node-${index}`, leaseUntil: noon + 60_000, token: newToken() };
    const result = await store.claimDue(request);
    claimed.push(...result.claimed.map(({ head }) => head.gid));
    if (result.nextAt === undefined || result.nextAt > noon) return claimed;
  }
}

describe.runIf(mongoUrl !== '')('opening a store in MongoDB', () => {
  it('refuses a database that a newer version has written', async () => {
    await withStore(async (store, { url, database }) => {
      await withDatabase({ url, database }, (db) =>
        db.collection<{ _id: string }>('meta').updateOne({ _id: 'schema' }, { $set: { number: 999 } }),
      );
      await expect(store.migrate()).rejects.toMatchObject({
        kind: 'incompatible',
        message: expect.stringContaining('999'),
      });
    });
  });

  it('many processes may bring the schema up to date at once', async () => {
    await withStore(async (_, { database }) => {
      const stores = await Promise.all([1, 2, 3].map(() => openMongoStore({ url: mongoUrl, database })));
      await Promise.all(stores.map((store) => store.migrate()));
      for (const store of stores) await store.close();
    });
  });

  it.each([
    'mongodb://ann:s3cret@127.0.0.1:1/?serverSelectionTimeoutMS=200',
    'mongodb://ann:s3cret@127.0.0.1:1/?noSuchOption=1',
    'mongodb://ann:s3cret@',
    'mongo://ann:s3cret@127.0.0.1',
  ])('tells what is wrong in one line without the password: %s', async (url) => {
    const error: unknown = await openMongoStore({ url }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect((error as Error).message).not.toContain('\n');
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cret');
  });

  it('tells nothing of the password that a server refuses', async () => {
    const url = new URL(mongoUrl);
    url.username = 'ann';
    url.password = 's3cret';
    const options = { url: url.href, database: newDatabase() };
    const error: unknown = await openMongoStore(options).then(
      async (store) => store.close(),
      (thrown: unknown) => thrown,
    );
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('s3cret');
  });
});

describe.runIf(mongoUrl !== '')('large transactions in MongoDB', () => {
  it('a limit of nothing is no limit to MongoDB, but to a store', async () => {
    await withStore(async (store) => {
      await store.write(
        [1, 2, 3].map((index) => createOf(`waits ${index}`, { head: headWith({ dueAt: noon + 500 }) })),
      );
      await store.write([1, 2, 3].map((index) => createOf(`done ${index}`, { head: finishedHead(noon) })));
      expect(await store.wake({ dueAfter: noon }, noon, 0)).toBe(0);
      expect((await store.load(['waits 1'], 'head'))[0]?.head.version).toBe(1);
      expect((await store.purge(noon + 1, undefined, 0)).purged).toBeLessThan(2);
    });
  });

  it('an item that is too large is refused alone', async () => {
    await withStore(async (store) => {
      const results = await store.write([
        createOf('a'),
        createOf('large', { body: 'x'.repeat((64 << 20) + 1) }),
        createOf('b'),
      ]);
      expect(results.map(({ kind }) => kind)).toEqual(['applied', 'refused', 'applied']);
    });
  });

  it('a body and rows beyond what a document holds come back as given', async () => {
    await withStore(async (store) => {
      const body = '\u{1f600}é'.repeat(7 << 20).slice(0, 18 << 20);
      expect(await writeOne(store, createOf('g', { body, rows: [row] }))).toMatchObject({ kind: 'applied' });
      const large = { ...row, value: 'y'.repeat(5 << 20) };
      expect(await writeOne(store, commitOf('g', 1, { rows: [large] }))).toMatchObject({ kind: 'applied' });
      const [stored] = await store.load(['g'], 'all');
      expect(stored?.body === body).toBe(true);
      expect(stored?.rows).toEqual([large]);
      expect((await store.load(['g'], 'head'))[0]).toMatchObject({ body: '', rows: [] });
    });
  });

  it('a document that many commits add to stays small', async () => {
    await withStore(async (store, options) => {
      await store.write([createOf('g')]);
      const rows = Array.from({ length: 40 }, (_, index) => ({
        ...row,
        branchId: `${index}`,
        value: 'v'.repeat(50_000),
      }));
      for (const [index, one] of rows.entries()) await store.write([commitOf('g', index + 1, { rows: [one] })]);
      const [stored] = await store.load(['g'], 'all');
      expect(new Set(stored?.rows)).toEqual(new Set(rows));
      await withDatabase(options, async (db) => {
        const document = await db.collection<{ _id: string }>('transaction').findOne({ _id: 'g' });
        expect(JSON.stringify(document).length).toBeLessThan(1_200_000);
      });
    });
  });

  it('a claim brings no more into memory at once than it may, and goes on where it stopped', async () => {
    await withStore(async (store) => {
      const body = 'x'.repeat(12 << 20);
      for (let index = 0; index < 3; index++) await store.write([createOf(`g${index}`, { body })]);
      const sizes: number[] = [];
      for (let round = 0; round < 3; round++) {
        const request = { now: noon, limit: 100, owner: 'a', leaseUntil: noon + 9, token: newToken() };
        const { claimed, nextAt } = await store.claimDue(request);
        sizes.push(claimed.length);
        expect(nextAt).toBe(round === 0 ? noon : noon + 9);
      }
      expect(sizes).toEqual([2, 1, 0]);
    });
  });

  it('a sweep deletes what lies beside purged documents, and what was never published, once it is old', async () => {
    const spill = { textMax: 10, documentMax: 1000 };
    await withStore(
      async (store, options) => {
        const head = finishedHead(noon, { createdAt: noon });
        await store.write([createOf('done', { head, body: 'a body beside its document', rows: [row] })]);
        await store.write([createOf('runs', { body: 'another body beside its document' })]);
        // The loser's texts are written, and its commit is not.
        const loser = commitOf('runs', 1, { rows: [{ ...row, value: 'a value that nobody will ever see' }] });
        const late = { ...loser, token: newToken() };
        await Promise.all([store.write([loser]), store.write([late])]);
        const parts = () =>
          withDatabase(options, (db) => db.collection<{ gid: string }>('part').find().toArray()).then((all) =>
            all.map(({ gid }) => gid).sort(),
          );
        expect(await parts()).toEqual(['done', 'runs', 'runs', 'runs']);
        await sweep(store, noon + 1);
        // Too young to be anybody's leavings for sure.
        expect(await parts()).toEqual(['runs', 'runs', 'runs']);
        await sweep(store, noon + 3_600_002);
        expect(await parts()).toEqual(['runs', 'runs']);
        const [stored] = await store.load(['runs'], 'all');
        expect(stored?.body).toBe('another body beside its document');
        expect(stored?.rows.map(({ value }) => value)).toEqual(['a value that nobody will ever see']);
      },
      { spill },
    );
  });
});

async function sweep(store: Store, finishedBefore: number): Promise<void> {
  let cursor: string | undefined;
  do {
    ({ nextCursor: cursor } = await store.purge(finishedBefore, cursor, 2));
  } while (cursor !== undefined);
}
