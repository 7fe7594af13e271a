import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Store } from '@tandem/store';
import { openMongoStore } from '@tandem/store-mongo';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { mongoUrl, withDatabase, withStore } from './test-database.js';

const writerFile = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));
const builtEntry = new URL('../dist/index.js', import.meta.url).href;
const hasPrograms = (process.env['TANDEM_TEST_MONGO_PROGRAMS'] ?? '') !== '';
const needs = hasPrograms ? '' : ' (needs TANDEM_TEST_MONGO_PROGRAMS)';
const database = 'tandem_crash';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts a writer and runs `kill` after so many acknowledgements; answers what was acknowledged until the writer ended. */
async function acknowledgedUntil(
  place: { readonly url: string; readonly database: string },
  { name, answers }: { readonly name: string; readonly answers: number },
  kill: (child: ChildProcess) => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const args = [writerFile, builtEntry, place.url, place.database, name];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  started.push(child);
  const exited = once(child, 'exit');
  const versions = new Map<string, number>();
  let left = answers;
  for await (const line of createInterface({ input: child.stdout })) {
    const [version, ...gids] = line.split(' ');
    if (version === 'open') continue;
    for (const gid of gids) versions.set(gid, Number(version));
    if (--left === 0) await kill(child);
  }
  await exited;
  return versions;
}

/** Nothing acknowledged is missing, and nothing is half there; also what was not acknowledged. */
async function checkWhole(store: Store, acknowledged: ReadonlyMap<string, number>): Promise<void> {
  const gids = new Set(acknowledged.keys());
  let cursor: string | undefined;
  do {
    const page = await store.scan({}, cursor, 1000);
    for (const { gid } of page.heads) gids.add(gid);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const stored = await store.load([...gids], 'all');
  [...gids].forEach((gid, index) => {
    const one = stored[index];
    expect(one?.head.version ?? 0).toBeGreaterThanOrEqual(acknowledged.get(gid) ?? 1);
    expect(one?.rows).toHaveLength(2 * ((one?.head.version ?? 0) - 1));
    for (const { value } of one?.rows ?? []) expect(value).toBe(one?.body);
  });
}

describe.runIf(mongoUrl !== '')('a process that is killed while it writes to MongoDB', () => {
  it('loses nothing that was acknowledged and leaves nothing half done, again and again', async () => {
    await withStore(async (store, place) => {
      const acknowledged = new Map<string, number>();
      for (const [name, answers] of [1, 2, 3, 5, 8].entries()) {
        const own = await acknowledgedUntil(place, { name: String(name), answers }, async (child) => {
          child.kill('SIGKILL');
        });
        for (const [gid, version] of own) acknowledged.set(gid, version);
      }
      expect(acknowledged.size).toBeGreaterThan(40);
      await checkWhole(store, acknowledged);
    });
  });

  it('leaves texts that were never published, which nobody sees and a sweep deletes', async () => {
    const spill = { textMax: 10, documentMax: 1000 };
    await withStore(
      async (store, place) => {
        // What a writer leaves that dies between the texts and the document that refers to them.
        await withDatabase(place, (db) =>
          db.collection<{ _id: string }>('part').insertOne({
            _id: '["g","dead","body",0]',
            ...{ gid: 'g', slot: 'body', token: 'dead', at: 1, text: 'x' },
          }),
        );
        expect(await store.load(['g'], 'all')).toEqual([undefined]);
        const swept = await store.purge(10_000_000, undefined, 10);
        await store.purge(10_000_000, swept.nextCursor, 10);
        await withDatabase(place, async (db) => {
          expect(await db.collection('part').countDocuments()).toBe(0);
        });
      },
      { spill },
    );
  });
});

describe.runIf(hasPrograms)(`a MongoDB server that is killed while it writes${needs}`, () => {
  let instance: Instance | undefined;

  afterEach(async () => {
    await instance?.close();
    instance = undefined;
  });

  it('has all that it acknowledged when it is started again', async () => {
    const engine = await openInstance('ferretdb');
    instance = engine;
    const first = await openMongoStore({ url: engine.url, database });
    await first.migrate();
    await first.close();
    // A writer whose server is gone ends soon.
    const place = { url: `${engine.url}?serverSelectionTimeoutMS=3000`, database };
    const acknowledged = new Map<string, number>();
    for (const [name, answers] of [2, 4, 7].entries()) {
      const own = await acknowledgedUntil(place, { name: String(name), answers }, async () => {
        await engine.kill();
      });
      for (const [gid, version] of own) acknowledged.set(gid, version);
      await engine.start();
      const store = await openMongoStore(place);
      await checkWhole(store, acknowledged);
      await store.close();
    }
    expect(acknowledged.size).toBeGreaterThan(20);
  });

  it('is written to again when it is back, by the store that was there before', async () => {
    const engine = await openInstance('ferretdb');
    instance = engine;
    const store = await openMongoStore({ url: `${engine.url}?serverSelectionTimeoutMS=3000`, database });
    try {
      await store.migrate();
      await store.putKeyValue('topic', 'k', 'a', 0, 1);
      await engine.kill();
      await expect(store.ping()).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
      await engine.start();
      await store.ping();
      expect((await store.getKeyValue('topic', 'k'))?.value).toBe('a');
    } finally {
      await store.close();
    }
  });

  it('is refused when its conditional updates are not atomic', async () => {
    instance = await openInstance('ferretdb', ['--without-gate']);
    const store = await openMongoStore({ url: instance.url, database });
    try {
      // The updates have to meet, which is likely each time, and certain never.
      const tries = async (): Promise<void> => {
        for (let attempt = 0; attempt < 20; attempt++) await store.migrate();
      };
      await expect(tries()).rejects.toMatchObject({
        kind: 'incompatible',
        message: expect.stringContaining('conditional updates'),
      });
    } finally {
      await store.close();
    }
  });
});
