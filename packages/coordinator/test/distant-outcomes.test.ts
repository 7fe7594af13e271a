/** Those who wait at a node that does not run their transaction. */
import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { MemoryStore, StoreError } from '@tandem/store';
import {
  branchOf,
  failure,
  follow,
  held,
  messageRequest,
  openWorld,
  sagaRequest,
  settle,
  success,
  twoPhaseRequest,
  unknown,
} from './virtual-world.js';

/** Counts what is asked for by depth. */
class WatchedStore extends MemoryStore {
  heads = 0;
  headLoads = 0;
  wholes = 0;
  isFailing = false;

  override load(...[gids, depth]: Parameters<MemoryStore['load']>): ReturnType<MemoryStore['load']> {
    if (this.isFailing) return Promise.reject(new StoreError('unavailable', 'no answer'));
    if (depth === 'head') {
      this.headLoads += 1;
      this.heads += gids.length;
    } else this.wholes += gids.length;
    return super.load(gids, depth);
  }
}

/** A saga that one node runs, with a call out that is not answered yet, and another node to wait at. */
async function sagaAtFirst(store?: MemoryStore) {
  const { node, participants, clock } = await openWorld(store);
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const first = await node();
  const second = await node();
  const request = () => sagaRequest('g', ['a/out']);
  await first.submit(request(), 0);
  return { askSecond: () => second.submit(request(), 5_000), slow, clock };
}

describe('who waits at another node', () => {
  test('for what runs elsewhere hears of its end soon after it', async () => {
    const { askSecond, slow, clock } = await sagaAtFirst();
    const waiting = follow(askSecond());
    await clock.advance(1_000);
    expect(waiting.outcome).toBe('waiting');
    slow.answer(success);
    await clock.advance(300);
    expect(waiting.outcome).toBe('success');
  });

  test('hears of a failure with its reason', async () => {
    const { askSecond, slow, clock } = await sagaAtFirst();
    const waiting = askSecond();
    await clock.advance(100);
    slow.answer(failure);
    await clock.advance(400);
    expect(await waiting).toEqual({ kind: 'failure', reason: 'branch 01 refused: refused' });
  });

  test('is let go when the next try lies beyond the wait', async () => {
    const { askSecond, slow, clock } = await sagaAtFirst();
    const waiting = follow(askSecond());
    await clock.advance(100);
    slow.answer(unknown);
    await clock.advance(400);
    expect(waiting.outcome).toBe('open');
  });

  test('for a rollback that another node carries out hears of its end', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/seat-no', slow.behaviour);
    const first = await node();
    const second = await node();
    await first.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    await first.registerBranch('g' as Gid, branchOf('tcc', '01', 'a/seat'));
    await first.abort('g' as Gid, 'no');
    const aborted = second.abort('g' as Gid, 'no', 5_000).then(() => clock.now());
    await clock.advance(1_000);
    const answeredAt = clock.now();
    slow.answer(success);
    await clock.advance(4_500);
    expect((await aborted) - answeredAt).toBeLessThanOrEqual(300);
  });

  test('for a message with a slow asynchronous branch hears of the others', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    const late = held();
    participants.when('a/in', slow.behaviour);
    participants.when('b/in', late.behaviour);
    const more = { concurrent: true, steps: [{ action: 'http://a/in' }, { action: 'http://b/in', async: true }] };
    const request = () => messageRequest('g', ['a/in', 'b/in'], 'submit', more);
    const first = await node();
    const second = await node();
    await first.submit(request(), 0);
    const waiting = follow(second.submit(request(), 5_000));
    await clock.advance(500);
    expect(waiting.outcome).toBe('waiting');
    slow.answer(success);
    await clock.advance(300);
    expect(waiting.outcome).toBe('success');
  });

  test('is not let go by what was stored before the submit that it waits for', async () => {
    const store = new MemoryStore();
    let release: (() => void) | undefined;
    const slowStore = new (class extends MemoryStore {
      override load = store.load.bind(store);
      override claimDue = store.claimDue.bind(store);
      override async write(...asked: Parameters<MemoryStore['write']>): ReturnType<MemoryStore['write']> {
        await new Promise<void>((resolve) => (release = resolve));
        return store.write(...asked);
      }
    })();
    const { node, participants, clock } = await openWorld(store);
    const first = await node();
    await first.prepare(twoPhaseRequest('tcc', 'g', 'prepare', { timeout_to_fail: 3600 }));
    await first.registerBranch('g' as Gid, branchOf('tcc', '01', 'a/seat'));
    participants.when('a/seat-ok', held().behaviour);
    const second = await node({}, slowStore);
    const waiting = follow(second.submit(twoPhaseRequest('tcc', 'g', 'submit', { timeout_to_fail: 3600 }), 5_000));
    await clock.advance(500);
    expect(waiting.outcome).toBe('waiting');
    release?.();
    await settle();
    expect(waiting.outcome).toBe('waiting');
  });
});

describe('what it costs', () => {
  test('no claim of what another node runs', async () => {
    let claims = 0;
    const store = new (class extends MemoryStore {
      override claimDue(...asked: Parameters<MemoryStore['claimDue']>): ReturnType<MemoryStore['claimDue']> {
        claims += 1;
        return super.claimDue(...asked);
      }
    })();
    const { node, participants, clock } = await openWorld(store);
    participants.when('a/out', held().behaviour);
    const first = await node();
    const second = await node();
    for (let n = 0; n < 50; n += 1) await first.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    claims = 0;
    for (let n = 0; n < 50; n += 1) {
      void second.submit(sagaRequest(`g${String(n)}`, ['a/out']), 1_000);
      await clock.advance(20);
    }
    expect(claims).toBeLessThanOrEqual(2);
  });

  test('nothing for what the node runs itself', async () => {
    const store = new WatchedStore();
    const { node, participants, clock } = await openWorld(store);
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const only = await node();
    const waiting = follow(only.submit(sagaRequest('g', ['a/out']), 5_000));
    await clock.advance(2_000);
    expect(store.headLoads).toBe(0);
    slow.answer(success);
    await settle();
    expect(waiting.outcome).toBe('success');
  });

  test('one load for all of them, four times a second, a bounded number of heads each', async () => {
    const store = new WatchedStore();
    const { node, participants, clock } = await openWorld(store);
    participants.when('a/out', held().behaviour);
    const first = await node();
    const second = await node({ runningMax: 1 });
    for (let n = 0; n < 300; n += 1) await first.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    const waiting = Array.from({ length: 300 }, (_, n) =>
      second.submit(sagaRequest(`g${String(n)}`, ['a/out']), 5_000),
    );
    await clock.advance(4_900);
    expect(store.headLoads).toBeLessThanOrEqual(60);
    expect(store.heads / store.headLoads).toBeLessThanOrEqual(256);
    expect(store.heads).toBeLessThanOrEqual(300 * 24);
    await clock.advance(200);
    await Promise.all(waiting);
    const { headLoads } = store;
    await clock.advance(10_000);
    expect(store.headLoads).toBe(headLoads);
  });

  test('everybody in turn: those who came last hear of an end though many have come before them', async () => {
    const many = 2_000;
    const { node, participants, clock } = await openWorld();
    const last = held();
    // No target has more than it takes at once: what waits for room is let go.
    const target = (n: number) => `t${String(Math.floor(n / 200))}/out`;
    for (let n = 0; n < many; n += 200) participants.when(target(n), held().behaviour);
    participants.when('last/out', last.behaviour);
    const first = await node();
    const second = await node({ runningMax: 1 });
    const request = (n: number) => sagaRequest(`g${String(n)}`, [n === many - 1 ? 'last/out' : target(n)]);
    for (let n = 0; n < many; n += 1) await first.submit(request(n), 0);
    const waiting = Array.from({ length: many }, (_, n) => follow(second.submit(request(n), 5_000)));
    await clock.advance(1_500);
    last.answer(success);
    await settle();
    await clock.advance(1_000);
    expect(waiting.at(-1)?.outcome).toBe('success');
    await clock.advance(5_000);
  });

  test('a store that fails for a moment is asked again', async () => {
    const store = new WatchedStore();
    const { askSecond, slow, clock } = await sagaAtFirst(store);
    const waiting = follow(askSecond());
    await clock.advance(500);
    store.isFailing = true;
    await clock.advance(500);
    slow.answer(success);
    await settle();
    store.isFailing = false;
    await clock.advance(300);
    expect(waiting.outcome).toBe('success');
  });

  test('what is purged while the store is away keeps its caller no longer than asked for', async () => {
    const store = new WatchedStore();
    const { askSecond, slow, clock } = await sagaAtFirst(store);
    const waiting = follow(askSecond());
    await clock.advance(500);
    store.isFailing = true;
    slow.answer(success);
    await settle();
    await store.purge(clock.now() + 1, undefined, 10);
    store.isFailing = false;
    await clock.advance(4_000);
    expect(waiting.outcome).toBe('waiting');
    await clock.advance(1_000);
    expect(waiting.outcome).toBe('open');
  });
});
