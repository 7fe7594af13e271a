import { DatabaseSync } from '@photostructure/sqlite';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateItem, Store } from '@tandem/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBuiltStore } from './built-store.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-faults-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function createOf(gid: string, body: string): CreateItem {
  const head = {
    ...{ type: 'saga', status: 'submitted', isPaused: false, dueAt: 1, waitsFor: '', createdAt: 1, updatedAt: 1 },
    ...{ finishedAt: undefined, state: '{}' },
  };
  return { kind: 'create', gid, token: `create ${gid}`, head, body, rows: [], lease: undefined };
}

async function kinds(store: Store, ...items: readonly CreateItem[]): Promise<readonly string[]> {
  return (await store.write(items)).map((result) => result.kind);
}

describe('opening', () => {
  it('brings a file of an older schema up to date', async () => {
    const path = join(folder, 'tandem.db');
    const empty = new DatabaseSync(path);
    empty.exec('CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)');
    empty.close();
    const store = await openBuiltStore({ path });
    expect(await kinds(store, createOf('g', 'b'))).toEqual(['applied']);
    await store.close();
    const file = new DatabaseSync(path);
    expect(file.prepare('SELECT number, name FROM migration').all()).toEqual([
      { number: 1, name: 'transactions and key-values' },
    ]);
    file.close();
  });

  it('refuses a file that a newer version wrote, and leaves it as it is', async () => {
    const path = join(folder, 'tandem.db');
    await (await openBuiltStore({ path })).close();
    const file = new DatabaseSync(path);
    file.exec(`INSERT INTO migration VALUES (999, 'from the future', '2999-01-01')`);
    file.close();
    await expect(openBuiltStore({ path })).rejects.toMatchObject({
      kind: 'incompatible',
      message: expect.stringContaining('999'),
    });
    const again = new DatabaseSync(path);
    expect(again.prepare('SELECT count(*) AS n FROM migration').get()).toEqual({ n: 2 });
    again.close();
  });

  it('refuses a file that is not a database', async () => {
    writeFileSync(join(folder, 'tandem.db'), 'not a database, but long enough to look like one '.repeat(100));
    await expect(openBuiltStore({ folder })).rejects.toMatchObject({ name: 'StoreError', kind: 'corrupt' });
  });

  it('says so when the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(openBuiltStore({ folder: join(folder, 'file', 'data') })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });

  it('makes a folder that no other user may look into: payloads and headers lie there in plain', async () => {
    const store = await openBuiltStore({ folder: join(folder, 'data') });
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    await store.close();
  });

  it('keeps what was there', async () => {
    const store = await openBuiltStore({ folder });
    await store.write([createOf('g', 'body')]);
    await store.putKeyValue('topic', 't', 'v', 0, 1);
    await store.close();
    const again = await openBuiltStore({ folder });
    expect((await again.load(['g'], 'all'))[0]?.body).toBe('body');
    expect((await again.getKeyValue('topic', 't'))?.value).toBe('v');
    await again.close();
  });
});

describe.each(['worker', 'main'] as const)('faults on the %s thread', (thread) => {
  it('a full disk refuses writes, and takes them again when there is space, without a restart', async () => {
    const store = await openBuiltStore({ folder, thread, fileBytesMax: 400_000 });
    try {
      const body = 'x'.repeat(20_000);
      const applied: string[] = [];
      const fill = async (): Promise<void> => {
        for (let index = 0; index < 200; index++) {
          const gid = `g${index}`;
          await store.write([createOf(gid, body)]);
          applied.push(gid);
        }
      };
      await expect(fill()).rejects.toMatchObject({ name: 'StoreError', kind: 'full' });
      const lost = createOf(`g${applied.length}`, body);
      await expect(store.write([lost])).rejects.toMatchObject({ kind: 'full' });
      await expect(store.ping()).rejects.toMatchObject({ kind: 'full' });
      const kept = await store.load([...applied, lost.gid], 'head');
      expect(kept.map((one) => one?.head.version)).toEqual([...applied.map(() => 1), undefined]);
      const [first] = applied;
      const finished = { ...createOf('', '').head, dueAt: undefined, finishedAt: 2 };
      const end = { kind: 'commit', gid: first ?? '', token: 'end', expectedVersion: 1, head: finished } as const;
      await store.write([{ ...end, rows: [], lease: { kind: 'keep' } }]);
      expect((await store.purge(10, undefined, 1000)).purged).toBe(1);
      expect(await kinds(store, lost)).toEqual(['applied']);
    } finally {
      await store.close();
    }
  });

  it('an item that the engine will never take is refused alone', async () => {
    const store = await openBuiltStore({ folder, thread, itemBytesMax: 1000 });
    try {
      const tooLarge = createOf('large', 'x'.repeat(2000));
      expect(await kinds(store, createOf('a', 'b'), tooLarge, createOf('c', 'd'))).toEqual([
        'applied',
        'refused',
        'applied',
      ]);
      // A time that is no integer meets the schema's own check: the batch is halved until the item is alone.
      const bad = createOf('bad', 'b');
      const halved = [1, 2, 3, 4, 5].map((index) => createOf(`h${index}`, 'b'));
      expect(await kinds(store, ...halved, { ...bad, head: { ...bad.head, createdAt: 1.5 } })).toEqual([
        ...halved.map(() => 'applied'),
        'refused',
      ]);
    } finally {
      await store.close();
    }
  });

  it('a file is opened once, also within one process', async () => {
    const store = await openBuiltStore({ folder, thread });
    await expect(openBuiltStore({ folder, thread })).rejects.toMatchObject({ kind: 'locked' });
    await store.close();
    await (await openBuiltStore({ folder, thread })).close();
  });
});

describe('a claim', () => {
  it('brings no more into memory at once than it may, and goes on where it stopped', async () => {
    const store = await openBuiltStore({ folder, synchronous: 'normal' });
    try {
      const body = 'x'.repeat(12 << 20);
      for (let index = 0; index < 6; index++) await store.write([createOf(`g${index}`, body)]);
      const sizes: number[] = [];
      for (let round = 0; round < 4; round++) {
        const claim = { now: 2, limit: 100, owner: 'a', leaseUntil: 9, token: `claim ${round}` };
        const { claimed, nextAt } = await store.claimDue(claim);
        sizes.push(claimed.length);
        expect(nextAt).toBe(round < 2 ? 1 : 9);
      }
      expect(sizes).toEqual([2, 2, 2, 0]);
    } finally {
      await store.close();
    }
  });
});
