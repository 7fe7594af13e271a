import { MemoryStore, StoreError, UnreliableStore, type Store } from '@tandem/store';
import { createOf, finishedHead, headWith } from '@tandem/store/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { copyBetween, serves, type CopyRequest } from '../../test/copy-between.js';
import { encodeNode } from '../nodes/node-record.js';
import { nodeCategory } from '../nodes/node-slots.js';
import type { CopyReport } from './copy-report.js';
import { holder, releaseHeld } from './held-transactions.js';
import { readMarks, unmark, whyNotToStart } from './moving-marks.js';

/** The copy goes by the clock on the wall: what is due is due since an hour. */
const noon = Date.now() - 3_600_000;
const dueHead = headWith({ dueAt: noon, createdAt: noon, updatedAt: noon });

let source: MemoryStore;
let target: MemoryStore;

beforeEach(async () => {
  source = new MemoryStore();
  target = new MemoryStore();
  const finished = Array.from({ length: 7 }, (_, at) =>
    createOf(`f${at}`, { head: finishedHead(noon + at, { createdAt: noon + at }) }),
  );
  const row = { branchId: '01', op: 'action', value: 'v' };
  const open = Array.from({ length: 5 }, (_, at) =>
    createOf(`u${at}`, { head: dueHead, rows: [row, { ...row, branchId: '02' }] }),
  );
  await source.write([...finished, ...open]);
  await source.putKeyValue('topics', 't', '[]', 0, noon);
});

function copy(more: CopyRequest = {}): Promise<CopyReport> {
  return copyBetween(source, target, more);
}

async function held(): Promise<number> {
  const { heads } = await source.scan({ owner: holder }, undefined, 100);
  return heads.length;
}

test('everything moves: heads, bodies, rows and key-values, times as they were, leases left behind', async () => {
  await source.claimDue({ now: noon, limit: 2, owner: 'dead', leaseUntil: noon + 1, token: 'claim' });
  const report = await copy();
  expect(report).toMatchObject({
    finished: { found: 7, written: 7 },
    unfinished: { found: 5, written: 5 },
    keyValues: 1,
    verified: 12,
    problems: [],
  });
  const [before, after] = await Promise.all([source.load(['u0', 'f3'], 'all'), target.load(['u0', 'f3'], 'all')]);
  expect(after[0]).toEqual({
    ...before[0],
    head: { ...before[0]?.head, version: 1, epoch: 0, leaseOwner: '', leaseUntil: 0 },
  });
  expect(after[1]).toEqual(before[1]);
  expect((await target.getKeyValue('topics', 't'))?.value).toBe('[]');
  const { claimed } = await target.claimDue({ now: noon, limit: 9, owner: 'n', leaseUntil: noon + 1, token: 'next' });
  expect(claimed).toHaveLength(5);
});

test('afterwards no node starts on the source, and one that is still there can run nothing of it', async () => {
  await copy({ now: () => noon });
  expect(await whyNotToStart(source, noon)).toMatch(/^its transactions were moved to target at 20\S+Z: use that one$/);
  expect(await held()).toBe(5);
  const claim = { now: Date.now() + 1e9, limit: 9, owner: 'woken', leaseUntil: Date.now() + 2e9, token: 'woken' };
  expect((await source.claimDue(claim)).claimed).toEqual([]);
  expect(await whyNotToStart(target, noon)).toBeUndefined();
});

test('unmarked, the source is as it was', async () => {
  await copy();
  await releaseHeld(source, noon);
  expect(await unmark(source)).toBe(true);
  expect(await serves(source)).toBe(true);
  const claim = { now: noon, limit: 9, owner: 'n', leaseUntil: noon + 1, token: 'again' };
  expect((await source.claimDue(claim)).claimed).toHaveLength(5);
});

describe('while the source is in use', () => {
  beforeEach(async () => {
    await source.claimDue({ now: Date.now(), limit: 1, owner: 'busy', leaseUntil: Date.now() + 60_000, token: 'busy' });
  });

  test('its finished ones are copied, and the rest by a second run when its nodes are stopped', async () => {
    expect(await copy({ isFinishedOnly: true })).toMatchObject({ finished: { written: 7 }, unfinished: { found: 0 } });
    expect(await serves(source)).toBe(true);
    expect(await serves(target)).toBe(false);
    expect(await whyNotToStart(target, noon)).toContain('it is an unfinished copy of source');
    // Meanwhile one ends, one comes, and a topic goes.
    const [before] = (await source.scan({ isFinished: false }, undefined, 9)).heads.filter(
      ({ leaseOwner }) => leaseOwner === '',
    );
    const done = createOf(before?.gid ?? '', { head: finishedHead(noon + 50) });
    await source.write([
      { ...done, kind: 'commit', expectedVersion: before?.version ?? 0, lease: { kind: 'release' } },
    ]);
    await source.write([createOf('late', { head: dueHead })]);
    await source.deleteKeyValue('topics', 't');
    await source.putKeyValue('topics', 'other', '[1]', 0, noon);
    const [busy] = (await source.scan({ owner: 'busy' }, undefined, 9)).heads;
    const released = createOf(busy?.gid ?? '', { head: dueHead });
    const version = busy?.version ?? 0;
    await source.write([{ ...released, kind: 'commit', expectedVersion: version, lease: { kind: 'release' } }]);

    const second = await copy();
    expect(second).toMatchObject({
      finished: { found: 8, written: 1 },
      unfinished: { found: 5, written: 5 },
      problems: [],
    });
    expect(await target.getKeyValue('topics', 't')).toBeUndefined();
    expect((await target.getKeyValue('topics', 'other'))?.value).toBe('[1]');
    expect(await serves(target)).toBe(true);
  });

  test('its unfinished ones do not move, and nothing is written', async () => {
    await expect(copy()).rejects.toThrow('source is served by node busy: stop every node');
    expect(await serves(source)).toBe(true);
    expect((await readMarks(target)).copy).toBeUndefined();
  });

  test('a node without any lease is noticed by its sign of life', async () => {
    const idle = new MemoryStore();
    const now = Date.now();
    const facts = { id: 'n1', http: 'http://a', grpc: '', host: 'a', pid: 1, worker: 1, version: '1' };
    const record = { ...facts, startedAt: now, heartbeatMs: 5_000, seenAt: now - 1_000, hasLeft: false };
    await idle.putKeyValue(nodeCategory, 'node-1', encodeNode(record), 0, now);
    await expect(copy({ from: idle })).rejects.toThrow('source is served by node n1 (http://a)');
    await idle.putKeyValue(nodeCategory, 'node-1', encodeNode({ ...record, hasLeft: true }), 1, now);
    await copy({ from: idle });
  });
});

describe('a target that is somebody else’s is refused', () => {
  test('one that holds transactions of its own', async () => {
    await target.write([createOf('own')]);
    await expect(copy()).rejects.toThrow('target holds what is no copy of source: name an empty store');
  });

  test('one that holds a topic of its own', async () => {
    await target.putKeyValue('topics', 'own', '[]', 0, noon);
    await expect(copy()).rejects.toThrow('name an empty store');
  });

  test('the copy of another store', async () => {
    const other = new MemoryStore();
    await copy({ from: other, isFinishedOnly: true });
    await expect(copy()).rejects.toThrow('target is a copy of another store, source');
  });

  test('the source itself', async () => {
    await expect(copy({ target: source })).rejects.toThrow('the same store');
  });

  test('a copy that a node has started on since', async () => {
    await copy();
    expect(await whyNotToStart(target, noon)).toBeUndefined();
    await expect(copy()).rejects.toThrow('target has been in use since it was copied');
  });

  test('a store that was itself moved', async () => {
    const empty = new MemoryStore();
    await copy({ from: target, target: empty });
    await expect(copy()).rejects.toThrow('target was itself moved to target: name an empty store');
  });
});

test('a store that was moved is not moved a second time, to somewhere else', async () => {
  await copy();
  const other = new MemoryStore();
  for (const isFinishedOnly of [false, true]) {
    await expect(copy({ target: other, isFinishedOnly })).rejects.toThrow(
      'source was moved to target: copy from there',
    );
  }
  await releaseHeld(source, noon);
  await unmark(source);
  expect(await copy({ target: other })).toMatchObject({ problems: [] });
});

test('a copy that is run again changes nothing', async () => {
  const first = await copy();
  const second = await copy();
  expect(second).toMatchObject({
    finished: { found: 7, written: 0 },
    unfinished: { found: 5, written: 0 },
    keyValues: 0,
  });
  expect(second.digest).toBe(first.digest);
});

test('what the target does not take is told, and neither store is given away', async () => {
  const picky = new UnreliableStore(target, {
    random: () => 1,
    refuse: ({ gid }) => (gid === 'u2' ? 'too large' : undefined),
  });
  const report = await copy({ target: picky });
  expect(report.problems).toEqual([
    { gid: 'u2', reason: 'the target does not take it: too large' },
    { gid: 'u2', reason: 'it is not in the target' },
  ]);
  expect([await serves(source), await serves(target)]).toEqual([false, false]);
});

test('what differs in the target is found', async () => {
  await copy();
  const [there] = await target.load(['f1'], 'all');
  const changed = createOf('f1', {
    head: there?.head ?? headWith(),
    rows: [{ branchId: '09', op: 'action', value: 'x' }],
  });
  await target.write([{ ...changed, kind: 'commit', expectedVersion: 1, lease: { kind: 'keep' } }]);
  await target.write([createOf('stranger', { head: dueHead })]);
  expect((await copy()).problems).toEqual([
    { gid: 'f1', reason: 'it is not the same in the target' },
    { gid: 'stranger', reason: 'it is unfinished in the target and not in the source' },
  ]);
});

test('lost replies and failing calls of the target are borne', async () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  const onWrites = new UnreliableStore(target, { random, loseReply: 0.3, splitBatch: 0.5 });
  const shaky = new Proxy<Store>(target, {
    get: (store, name) => (name === 'write' ? onWrites.write.bind(onWrites) : bound(store, name)),
  });
  expect(await copy({ target: shaky })).toMatchObject({ verified: 12, problems: [] });
});

test('cut off after any call, it leaves at most one store to be served, and a repeat completes it', async () => {
  let points = 0;
  for (let calls = 1; ; calls += 1) {
    target = new MemoryStore();
    const life = { left: calls };
    const cut = await copy({ from: mortal(source, life), target: mortal(target, life) }).then(
      () => false,
      () => true,
    );
    expect((await serves(source)) && (await readMarks(target)).copy !== undefined && (await serves(target))).toBe(
      false,
    );
    expect(await copy()).toMatchObject({ verified: 12, problems: [] });
    expect([await serves(source), await serves(target)]).toEqual([false, true]);
    await releaseHeld(source, noon);
    await unmark(source);
    if (!cut) break;
    points += 1;
  }
  expect(points).toBeGreaterThan(40);
});

/** A store whose copier dies after so many calls: what it was asked before is done, and nothing after that. */
function mortal(store: Store, life: { left: number }): Store {
  return new Proxy(store, {
    get(inner, name) {
      const member = bound(inner, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        life.left -= 1;
        if (life.left < 0) return Promise.reject(new StoreError('closed', 'dead'));
        return (member as (...given: unknown[]) => unknown)(...args);
      };
    },
  });
}

function bound(store: Store, name: string | symbol): unknown {
  const member = (store as unknown as Record<string | symbol, unknown>)[name];
  return typeof member === 'function' ? (member.bind(store) as unknown) : member;
}
