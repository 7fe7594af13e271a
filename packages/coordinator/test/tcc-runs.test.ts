import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { MemoryStore, UnreliableStore } from '@tandem/store';
import {
  branchOf,
  codeOf,
  CountingStore,
  follow,
  held,
  look,
  messageRequest,
  openWorld,
  sagaRequest,
  settle,
  stepOf,
  success,
  twoPhaseRequest,
  unknown,
} from './virtual-world.js';

const gid = 'g' as Gid;
const prepare = (more: Record<string, unknown> = {}) => twoPhaseRequest('tcc', 'g', 'prepare', more);
const submit = () => twoPhaseRequest('tcc', 'g', 'submit');
const branch = (branchId: string, path: string) => branchOf('tcc', branchId, path);

describe('a TCC', () => {
  test('confirms its branches backwards and answers success to who waits', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.registerBranch(gid, branch('02', 'b/meal'));
    expect(participants.calls).toEqual([]);
    expect(await coordinator.submit(submit(), 5_000)).toEqual({ kind: 'success' });
    expect(participants.calls).toEqual(['02 confirm b/meal-ok', '01 confirm a/seat-ok']);
    expect(await look(coordinator, 'g')).toBe('succeed, 01 confirm succeed, 02 confirm succeed');
  });

  test('costs a durable write for each request and each confirm, and no read', async () => {
    const store = new CountingStore();
    const { node } = await openWorld(store);
    const coordinator = await node();
    const cost = await store.cost(async () => {
      await coordinator.prepare(prepare());
      await coordinator.registerBranch(gid, branch('01', 'a/seat'));
      await coordinator.registerBranch(gid, branch('02', 'b/meal'));
      await coordinator.submit(submit(), 5_000);
    });
    expect(cost).toEqual({ loads: 0, items: 6, rows: 4 });
  });

  test('cancels backwards when it is aborted, and tells who waits when that is done', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    participants.when('a/seat-no', slow.behaviour);
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.registerBranch(gid, branch('02', 'b/meal'));
    let isTold = false;
    const aborted = coordinator.abort(gid, 'no seat', 5_000).then(() => (isTold = true));
    await settle();
    expect(isTold).toBe(false);
    slow.answer(success);
    await aborted;
    expect(participants.calls).toEqual(['02 cancel b/meal-no', '01 cancel a/seat-no']);
    expect((await coordinator.query(gid))?.head.state.reason).toBe('no seat');
  });

  test('tells who aborts and waits no later than asked, and a repeat at once when it is done', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/seat-no', slow.behaviour);
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    const told: string[] = [];
    void coordinator.abort(gid, '', 2_000).then(() => told.push('first'));
    await settle();
    void coordinator.abort(gid, '', 60_000).then(() => told.push('repeat'));
    await clock.advance(2_000);
    expect(told).toEqual(['first']);
    slow.answer(success);
    await settle();
    expect(told).toEqual(['first', 'repeat']);
    await coordinator.abort(gid, '', 60_000);
  });

  test('is cancelled when its caller has not decided in time', async () => {
    const { node, participants, clock } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare({ timeout_to_fail: 35 }));
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await clock.advance(34_900);
    expect(participants.calls).toEqual([]);
    await clock.advance(200);
    expect(participants.calls).toEqual(['01 cancel a/seat-no']);
    expect(await look(coordinator, 'g')).toMatch(/^failed/);
    expect(await codeOf(coordinator.submit(submit(), 0))).toBe('WRONG_STATUS');
  });

  test('goes on with the others while a branch does not confirm', async () => {
    const { node, participants, clock } = await openWorld();
    let isUp = false;
    participants.when('b/meal-ok', () => (isUp ? success : unknown));
    const coordinator = await node();
    await coordinator.prepare(prepare({ retry_interval: 10 }));
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.registerBranch(gid, branch('02', 'b/meal'));
    const submitted = follow(coordinator.submit(submit(), 5_000));
    await settle();
    expect(submitted.outcome).toBe('open');
    expect(participants.calls).toEqual(['02 confirm b/meal-ok', '01 confirm a/seat-ok']);
    isUp = true;
    await clock.advance(10_000);
    expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  });

  test('keeps its first decision', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.submit(submit(), 5_000);
    expect(await codeOf(coordinator.abort(gid, ''))).toBe('WRONG_STATUS');
    expect(await coordinator.submit(submit(), 5_000)).toEqual({ kind: 'success' });
    expect(await codeOf(coordinator.registerBranch(gid, branch('01', 'a/seat')))).toBe('WRONG_STATUS');
  });

  test('is unknown before its prepare, whatever is asked', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    expect(await codeOf(coordinator.submit(submit(), 0))).toBe('NOT_FOUND');
    expect(await codeOf(coordinator.abort(gid, '', 5_000))).toBe('NOT_FOUND');
    expect(await codeOf(coordinator.registerBranch(gid, branch('01', 'a/seat')))).toBe('NOT_FOUND');
    expect(await coordinator.query(gid)).toBeUndefined();
  });

  test('may be prepared again until it is decided', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.prepare(prepare());
    expect((await coordinator.query(gid))?.branches).toHaveLength(2);
    await coordinator.submit(submit(), 0);
    expect(await codeOf(coordinator.prepare(prepare()))).toBe('WRONG_STATUS');
  });

  test('does not take what is meant for another type', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare());
    expect(await codeOf(coordinator.registerBranch(gid, branchOf('xa', '01', 'a/seat')))).toBe('INVALID_REQUEST');
    expect(await codeOf(coordinator.registerBranch(gid, stepOf('01')))).toBe('INVALID_REQUEST');
    expect(await codeOf(coordinator.submit(twoPhaseRequest('xa', 'g', 'submit'), 0))).toBe('CONFLICTING_REPEAT');
    expect(await codeOf(coordinator.submit(sagaRequest('g', ['a/out']), 0))).toBe('CONFLICTING_REPEAT');
    await coordinator.prepare(messageRequest('m', ['a/in'], 'prepare'));
    expect(await codeOf(coordinator.registerBranch('m' as Gid, branch('01', 'a/seat')))).toBe('INVALID_REQUEST');
  });

  test('takes no branch whose URL nobody can call', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare());
    const unfit = { ...branch('01', 'a/seat'), urls: { confirm: 'http://', cancel: '' } };
    expect(await codeOf(coordinator.registerBranch(gid, unfit))).not.toBe('done');
    expect((await coordinator.query(gid))?.branches).toEqual([]);
  });

  test('takes a branch with nothing to confirm, and calls what there is to cancel', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.registerBranch(gid, { ...branch('01', 'a/seat'), urls: { confirm: '', cancel: 'http://a/no' } });
    await coordinator.abort(gid, '', 5_000);
    expect(participants.calls).toEqual(['01 cancel a/no']);
    expect((await coordinator.query(gid))?.head.status).toBe('failed');
  });

  test('is confirmed to its end by another node when the one that ran it is gone', async () => {
    const { node, participants, clock, store } = await openWorld();
    const lost = new UnreliableStore(store, { random: () => 0.5 });
    const slow = held();
    participants.when('b/meal-ok', slow.behaviour);
    const first = await node({}, lost);
    await first.prepare(prepare());
    await first.registerBranch(gid, branch('01', 'a/seat'));
    await first.registerBranch(gid, branch('02', 'b/meal'));
    await first.submit(submit(), 0);
    await settle();
    lost.isUnavailable = true;
    participants.when('b/meal-ok', () => success);
    const second = await node();
    await clock.advance(30_000);
    expect(await look(second, 'g')).toBe('succeed, 01 confirm succeed, 02 confirm succeed');
    expect(participants.calls).toEqual(['02 confirm b/meal-ok', '02 confirm b/meal-ok', '01 confirm a/seat-ok']);
  });
});

describe('two nodes', () => {
  test('serve the same TCC in turns, each knowing only what it knew last', async () => {
    const { node, participants } = await openWorld();
    const [first, second] = [await node(), await node()];
    await first.prepare(prepare());
    await second.registerBranch(gid, branch('01', 'a/1'));
    await first.registerBranch(gid, branch('02', 'a/2'));
    await second.registerBranch(gid, branch('03', 'a/3'));
    expect(await codeOf(first.registerBranch(gid, branch('03', 'a/other')))).toBe('CONFLICTING_REPEAT');
    expect(await first.submit(submit(), 5_000)).toEqual({ kind: 'success' });
    expect(participants.calls).toEqual(['03 confirm a/3-ok', '02 confirm a/2-ok', '01 confirm a/1-ok']);
    expect(await codeOf(second.registerBranch(gid, branch('04', 'a/4')))).toBe('WRONG_STATUS');
  });

  test('decide once: of a submit and an abort at the same time one wins, and the other is told', async () => {
    for (const order of ['submit first', 'abort first']) {
      const { node, participants } = await openWorld();
      const [first, second] = [await node(), await node()];
      await first.prepare(prepare());
      await first.registerBranch(gid, branch('01', 'a/seat'));
      // So that both believe to know it.
      await second.registerBranch(gid, branch('02', 'b/meal'));
      await first.registerBranch(gid, branch('03', 'c/car'));
      const asked =
        order === 'submit first'
          ? [codeOf(first.submit(submit(), 0)), codeOf(second.abort(gid, ''))]
          : [codeOf(second.abort(gid, '')), codeOf(first.submit(submit(), 0))];
      expect([...(await Promise.all(asked))].sort()).toEqual(['WRONG_STATUS', 'done']);
      await settle();
      const ops = new Set(participants.calls.map((call) => call.split(' ')[1]));
      expect([ops.size, participants.calls.length]).toEqual([1, 3]);
    }
  });

  test('take a branch that races with the decision, or refuse it: it is confirmed exactly if it was taken', async () => {
    const seen = new Set<string>();
    for (let turn = 0; turn < 12; turn += 1) {
      const { node, participants, store } = await openWorld();
      let delays = turn;
      // Now one and now the other node's store is slower.
      const slow = (most: number) =>
        new UnreliableStore(store, {
          random: () => 0.5,
          delay: async () => {
            for (let left = (delays += 7) % most; left > 0; left -= 1) await Promise.resolve();
          },
        });
      const [first, second] = [await node({}, slow(5)), await node({}, slow(11))];
      await first.prepare(prepare());
      await (turn % 2 === 0 ? first : second).registerBranch(gid, branch('01', 'a/seat'));
      const results = await Promise.all([
        codeOf(first.registerBranch(gid, branch('02', 'b/meal'))),
        codeOf(second.submit(submit(), 0)),
      ]);
      for (let more = 0; more < 8; more += 1) await settle();
      expect(results[1]).toBe('done');
      expect(['done', 'WRONG_STATUS']).toContain(results[0]);
      const isConfirmed = participants.calls.includes('02 confirm b/meal-ok');
      expect(isConfirmed).toBe(results[0] === 'done');
      expect(await look(second, 'g')).toMatch(/^succeed/);
      seen.add(results[0]);
    }
    expect([...seen].sort()).toEqual(['WRONG_STATUS', 'done']);
  });
});

describe('over a store that fails, loses replies and takes its time', () => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'every branch that was taken is confirmed or cancelled, and no other: seed %i',
    async (seed) => {
      const store = new MemoryStore();
      let state = seed * 7919 + 1;
      const random = (): number => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        return state / 2 ** 32;
      };
      const bad = new UnreliableStore(store, { random, failBefore: 0.15, loseReply: 0.15, splitBatch: 0.2 });
      const { node, participants, clock } = await openWorld(store);
      const [first, second] = [await node({}, bad), await node({}, bad)];
      const pick = () => (random() < 0.5 ? first : second);
      const retried = async (work: () => Promise<unknown>): Promise<string> => {
        for (let attempt = 0; attempt < 30; attempt += 1) {
          const asked = codeOf(work());
          await clock.advance(200);
          const code = await asked;
          if (code !== 'STORE_UNAVAILABLE') return code;
        }
        return 'STORE_UNAVAILABLE';
      };
      expect(await retried(() => pick().prepare(prepare({ timeout_to_fail: 3600 })))).toBe('done');
      for (const id of ['01', '02', '03', '04']) {
        expect(await retried(() => pick().registerBranch(gid, branch(id, `a/${id}`)))).toBe('done');
      }
      const isAborted = seed % 2 === 1;
      const decided = isAborted ? () => pick().abort(gid, '') : () => pick().submit(submit(), 0);
      expect(await retried(decided)).toBe('done');
      await clock.advance(600_000);
      const [stored] = await store.load(['g'], 'all');
      expect(stored?.head.status).toBe(isAborted ? 'failed' : 'succeed');
      const op = isAborted ? 'cancel' : 'confirm';
      const called = new Set(participants.calls.map((call) => call.split(' ').slice(0, 2).join(' ')));
      expect([...called].sort()).toEqual(['01', '02', '03', '04'].map((id) => `${id} ${op}`));
      expect(participants.overlaps).toEqual([]);
    },
  );
});
