import { describe, expect, test } from 'vitest';
import {
  applyMutation,
  defaultPolicies,
  machineOf,
  type Gid,
  type Transaction,
  type TransactionEvent,
} from '@tandem/protocol';
import {
  branchOf,
  codeOf,
  CountingStore,
  look,
  openWorld,
  twoPhaseRequest,
  VirtualClock,
} from '../test/virtual-world.js';
import { RecentTransactions } from './recent-transactions.js';

const durable = { version: 1, epoch: 0, dueAt: undefined, leaseUntil: 0, isHeld: false };

function transaction(gid: string, customData = ''): Transaction {
  const { definition } = twoPhaseRequest('tcc', gid, 'prepare', { custom_data: customData });
  const head = machineOf('tcc').open(definition, 'prepare', 0, 0);
  return { gid: gid as Gid, definition, head, rows: new Map() };
}

describe('what a node remembers', () => {
  test('is handed out once, with what it was remembered with', () => {
    const recent = new RecentTransactions(new VirtualClock(), 0);
    const tx = transaction('g');
    recent.remember({ tx, durable }, undefined);
    expect(recent.definitionOf(tx.gid)).toBe(tx.definition);
    expect(recent.take(tx.gid)).toMatchObject({ tx, durable });
    expect(recent.take(tx.gid)).toBeUndefined();
    expect(recent.definitionOf(tx.gid)).toBeUndefined();
  });

  test('is forgotten after a minute, and after half of the time in which a gid could be purged and made anew', async () => {
    for (const [retentionMs, ageMs] of [
      [0, 60_000],
      [3_600_000, 60_000],
      [10_000, 5_000],
    ] as const) {
      const clock = new VirtualClock();
      const recent = new RecentTransactions(clock, retentionMs);
      const tx = transaction('g');
      recent.remember({ tx, durable }, undefined);
      await clock.advance(ageMs);
      expect(recent.definitionOf(tx.gid)).toBeDefined();
      await clock.advance(1);
      expect(recent.definitionOf(tx.gid)).toBeUndefined();
      expect(recent.take(tx.gid)).toBeUndefined();
    }
  });

  test('is at most so many, the least recently used forgotten first', () => {
    const recent = new RecentTransactions(new VirtualClock(), 0);
    for (let n = 0; n < 4_096; n += 1) recent.remember({ tx: transaction(`g${String(n)}`), durable }, undefined);
    const used = recent.take('g0' as Gid);
    if (used === undefined) throw new Error('g0 was forgotten');
    recent.remember(used, { bytes: used.bytes, rows: [] });
    recent.remember({ tx: transaction('one more'), durable }, undefined);
    expect(recent.take('g1' as Gid)).toBeUndefined();
    expect(recent.take('g0' as Gid)).toBeDefined();
    expect(recent.take('g2' as Gid)).toBeDefined();
  });

  test('is at most so large, counted with what was written since', () => {
    const recent = new RecentTransactions(new VirtualClock(), 0);
    const text = 'x'.repeat(1_000_000);
    for (let n = 0; n < 100; n += 1) recent.remember({ tx: transaction(`g${String(n)}`, text), durable }, undefined);
    const kept = Array.from({ length: 100 }, (_, n) => recent.definitionOf(`g${String(n)}` as Gid) !== undefined);
    const count = kept.filter(Boolean).length;
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(40);
    expect(kept.at(-1)).toBe(true);
    const last = recent.take('g99' as Gid);
    if (last === undefined) throw new Error('the last was forgotten');
    const event = { kind: 'registerBranch', registration: { ...branchOf('tcc', '01', 'a/1'), payload: text } } as const;
    const reaction = machineOf('tcc').react(last.tx, event, 0, defaultPolicies.tcc);
    if (reaction.kind !== 'changed') throw new Error('it was not registered');
    const { rows = [] } = reaction.mutation;
    const tx = applyMutation(last.tx, reaction.mutation, 0);
    recent.remember({ tx, durable }, { bytes: last.bytes, rows });
    expect(recent.take(tx.gid)?.bytes).toBeGreaterThan(last.bytes + 1_900_000);
  });

  test.each([
    ['URLs', { urls: { confirm: `http://a/${'x'.repeat(8_000)}`, cancel: '' } }],
    ['headers', { request: { headers: { a: 'x'.repeat(8_000) } } }],
    ['bytes', { payload: new Uint8Array(16_000) }],
  ])('counts the %s of its branches', (_, change) => {
    const recent = new RecentTransactions(new VirtualClock(), 0);
    for (let n = 0; n < 200; n += 1) {
      let tx = transaction(`g${String(n)}`);
      for (let id = 1; id <= 50; id += 1) {
        const registration = { ...branchOf('tcc', String(id), 'a/1'), ...change };
        tx = changedBy(tx, { kind: 'registerBranch', registration });
      }
      recent.remember({ tx, durable }, undefined);
    }
    const kept = Array.from({ length: 200 }, (_, n) => recent.definitionOf(`g${String(n)}` as Gid) !== undefined);
    expect(kept.filter(Boolean).length).toBeLessThan(100);
  });

  test('leaves out what alone would take a large part of it', () => {
    const recent = new RecentTransactions(new VirtualClock(), 0);
    const tx = transaction('g');
    recent.remember({ tx, durable }, { bytes: 33 * 1024 * 1024, rows: [] });
    expect(recent.take(tx.gid)).toBeUndefined();
  });
});

function changedBy(tx: Transaction, event: TransactionEvent): Transaction {
  const reaction = machineOf('tcc').react(tx, event, 0, defaultPolicies.tcc);
  if (reaction.kind !== 'changed') throw new Error('nothing has changed');
  return applyMutation(tx, reaction.mutation, 0);
}

describe('a verb that begins with what its node remembers', () => {
  const gid = 'g' as Gid;

  test('reads nothing, however many branches there are', async () => {
    const store = new CountingStore();
    const { node } = await openWorld(store);
    const coordinator = await node();
    await coordinator.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    for (let n = 1; n <= 1_000; n += 1) {
      const id = String(n).padStart(2, '0');
      const cost = await store.cost(() => coordinator.registerBranch(gid, branchOf('tcc', id, `a/${id}`)));
      expect(cost).toEqual({ loads: 0, items: 1, rows: 1 });
    }
  });

  test('reads again when another node has changed it meanwhile, and then knows it', async () => {
    const store = new CountingStore();
    const { node } = await openWorld(store);
    const [first, second] = [await node(), await node()];
    await first.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    await second.registerBranch(gid, branchOf('tcc', '01', 'a/1'));
    const stale = await store.cost(() => first.registerBranch(gid, branchOf('tcc', '02', 'a/2')));
    expect(stale).toEqual({ loads: 1, items: 2, rows: 2 });
    const known = await store.cost(() => first.registerBranch(gid, branchOf('tcc', '03', 'a/3')));
    expect(known).toEqual({ loads: 0, items: 1, rows: 1 });
    const view = await first.query(gid);
    expect(view?.branches.filter(({ op }) => op === 'confirm').map(({ branchId }) => branchId)).toEqual([
      '01',
      '02',
      '03',
    ]);
  });

  test('says of nothing that it is there already without reading it', async () => {
    const store = new CountingStore();
    const { node } = await openWorld(store);
    const coordinator = await node();
    await coordinator.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    await coordinator.registerBranch(gid, branchOf('tcc', '01', 'a/1'));
    const repeat = await store.cost(() => coordinator.registerBranch(gid, branchOf('tcc', '01', 'a/1')));
    expect(repeat).toEqual({ loads: 1, items: 0, rows: 0 });
    const other = codeOf(coordinator.registerBranch(gid, branchOf('tcc', '01', 'a/other')));
    expect(await other).toBe('CONFLICTING_REPEAT');
  });

  test('does not take a gid that was purged and made anew for the one that it knew', async () => {
    const store = new CountingStore();
    const { node, clock } = await openWorld(store);
    const [first, second] = [await node({ retentionMs: 10_000 }), await node({ retentionMs: 10_000 })];
    await first.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    await first.registerBranch(gid, branchOf('tcc', '01', 'a/old'));
    await second.forceStop(gid, 'gone');
    await clock.advance(30_000);
    expect(await look(second, 'g')).toBe('none');
    await second.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    // The same version as the first node knew, and another state.
    await second.pause(gid, 'wait');
    await first.registerBranch(gid, branchOf('tcc', '02', 'b/2'));
    const view = await first.query(gid);
    expect(view?.head.isPaused).toBe(true);
    expect(view?.branches.map(({ branchId, row }) => [branchId, row])).toEqual([
      ['02', undefined],
      ['02', undefined],
    ]);
  });
});
