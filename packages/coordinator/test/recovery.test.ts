import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { MemoryStore, UnreliableStore } from '@tandem/store';
import {
  failure,
  follow,
  held,
  look,
  messageRequest,
  openWorld,
  sagaRequest,
  settle,
  success,
  unknown,
  unreachable,
} from './virtual-world.js';

describe('several nodes on one store', () => {
  test('a run whose node is cut off is taken over when its lease ends, and its late answer changes nothing', async () => {
    const { node, participants, clock, store, log } = await openWorld();
    const cut = new UnreliableStore(store, { random: () => 0.5 });
    const slow = held();
    participants.when('b/in', slow.behaviour);
    const first = await node({}, cut);
    await first.submit(sagaRequest('g', ['a/out', 'b/in'], { request_timeout: 600 }), 0);
    await settle();
    expect(participants.calls).toEqual(['01 action a/out', '02 action b/in']);
    cut.isUnavailable = true;
    participants.when('b/in', () => success);
    const second = await node();
    await clock.advance(10_000);
    expect(participants.calls).toHaveLength(2);
    await clock.advance(10_000);
    expect(log).toContain('g lost');
    expect(participants.calls).toEqual(['01 action a/out', '02 action b/in', '02 action b/in']);
    expect(await look(second, 'g')).toMatch(/^succeed/);
    cut.isUnavailable = false;
    slow.answer(failure);
    await clock.advance(60_000);
    expect(await look(second, 'g')).toMatch(/^succeed/);
    expect(participants.overlaps).toEqual([]);
  });

  test('a call that takes longer than the lease is not made a second time beside itself', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const first = await node();
    await node();
    await first.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
    await clock.advance(120_000);
    expect(participants.calls).toHaveLength(1);
    slow.answer(success);
    await settle();
    expect(await look(first, 'g')).toMatch(/^succeed/);
  });

  test('a verb at another node changes the run of the first', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const first = await node();
    const second = await node();
    await first.submit(sagaRequest('g', ['a/out', 'b/in'], { request_timeout: 600 }), 0);
    await settle();
    await second.pause('g' as Gid, 'stop');
    slow.answer(success);
    await clock.advance(60_000);
    expect(participants.calls).toEqual(['01 action a/out']);
    await second.resume('g' as Gid);
    await clock.advance(5_000);
    expect(await look(first, 'g')).toMatch(/^succeed/);
    expect(participants.calls).toEqual(['01 action a/out', '02 action b/in']);
  });

  test('each due transaction is run by one of them', async () => {
    const { node, participants, clock, store } = await openWorld();
    const gone = await node();
    participants.when('a/out', () => unknown);
    for (let n = 0; n < 50; n += 1) await gone.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    await settle();
    await gone.close();
    participants.calls.length = 0;
    participants.when('a/out', () => success);
    await Promise.all([node(), node(), node()]);
    await store.wake({ dueAfter: 0 }, clock.now(), 1000);
    await clock.advance(10_000);
    expect(participants.calls).toHaveLength(50);
    expect(participants.overlaps).toEqual([]);
  });
});

describe('a record that cannot be read', () => {
  test('keeps no other from being run', async () => {
    const { node, participants, clock, store } = await openWorld();
    const gone = await node();
    participants.when('a/out', () => unknown);
    for (let n = 0; n < 5; n += 1) await gone.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    await settle();
    await gone.close();
    const [sample] = await store.load(['g0'], 'all');
    if (sample === undefined) throw new Error('g0 was not stored');
    const head = { ...sample.head, dueAt: 1 };
    await store.write([
      { kind: 'create', gid: 'poison', token: 't', head, body: 'not a body', rows: [], lease: undefined },
    ]);
    participants.when('a/out', () => success);
    await store.wake({ dueAfter: 0 }, clock.now(), 1000);
    const second = await node({}, store, { defects: 'expected' });
    await clock.advance(60_000);
    for (let n = 0; n < 5; n += 1) expect(await look(second, `g${String(n)}`)).toMatch(/^succeed/);
    expect(second.stats().running).toBe(0);
  });
});

describe('a shutdown', () => {
  test('lets calls end, and leaves the rest due at once without a lease', async () => {
    const { node, participants, store, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const first = await node();
    await first.submit(sagaRequest('g', ['a/out', 'b/in']), 0);
    await settle();
    const closed = first.close();
    await settle();
    slow.answer(success);
    await closed;
    expect(participants.calls).toEqual(['01 action a/out']);
    const [stored] = await store.load(['g'], 'head');
    expect(stored?.head.leaseUntil).toBe(0);
    const second = await node();
    await clock.advance(10);
    expect(await look(second, 'g')).toMatch(/^succeed/);
  });

  test('hands over what does not end within the grace', async () => {
    const { node, participants, store, clock } = await openWorld();
    participants.when('a/out', held().behaviour);
    const first = await node();
    const submitted = follow(first.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 5000));
    await settle();
    const closed = first.close(2_000);
    await clock.advance(2_100);
    await closed;
    expect(submitted.outcome).toBe('open');
    expect((await store.load(['g'], 'head'))[0]?.head.leaseUntil).toBe(0);
  });

  test('refuses new work', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.close();
    await expect(coordinator.submit(sagaRequest('g', ['a/out']), 0)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

describe('a target that is down', () => {
  test('slows no other, and those that wait for it are woken when it answers again', async () => {
    const { node, participants, clock, log } = await openWorld();
    let isUp = false;
    participants.when('dead/x', () => (isUp ? success : unreachable));
    const coordinator = await node({ breakerFailures: 3 });
    for (let n = 0; n < 40; n += 1) {
      await coordinator.submit(sagaRequest(`d${String(n)}`, ['dead/x'], { retry_interval: 3600 }), 0);
    }
    await settle();
    expect(log).toContain('http://dead down');
    const callsToDead = participants.calls.length;
    expect(callsToDead).toBeLessThan(10);
    expect(await coordinator.submit(sagaRequest('other', ['live/x']), 5000)).toEqual({ kind: 'success' });
    isUp = true;
    await clock.advance(20_000);
    expect(log).toContain('http://dead up');
    for (let n = 0; n < 40; n += 1) expect(await look(coordinator, `d${String(n)}`)).toMatch(/^succeed/);
  });

  test('is tried again at once when all that wait are woken, however often they were woken before', async () => {
    const { node, participants, clock } = await openWorld();
    let isUp = false;
    participants.when('dead/x', () => (isUp ? success : unreachable));
    const coordinator = await node({ breakerFailures: 3, breakerOpenMs: 2_000 });
    for (let n = 0; n < 300; n += 1) {
      await coordinator.submit(sagaRequest(`d${String(n)}`, ['dead/x'], { retry_interval: 3600 }), 0);
    }
    for (let wakes = 0; wakes < 20; wakes += 1) {
      await coordinator.wakeAll(0, 1000);
      await clock.advance(500);
    }
    isUp = true;
    await coordinator.wakeAll(0, 1000);
    await clock.advance(3_000);
    for (let n = 0; n < 300; n += 1) expect(await look(coordinator, `d${String(n)}`)).toMatch(/^succeed/);
  });

  test('is probed by one call at a time', async () => {
    const { node, participants, clock } = await openWorld();
    participants.when('dead/x', () => unreachable);
    const coordinator = await node({ breakerFailures: 3, breakerOpenMs: 1_000 });
    for (let n = 0; n < 40; n += 1) {
      await coordinator.submit(sagaRequest(`d${String(n)}`, ['dead/x'], { retry_interval: 3600 }), 0);
    }
    await settle();
    const before = participants.calls.length;
    await clock.advance(60_000);
    expect(participants.calls.length - before).toBeLessThan(10);
    expect(participants.calls.length).toBeGreaterThan(before);
  });
});

describe('limits', () => {
  test('no more calls than allowed are under way to one target; the others follow', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node({ callsPerTargetMax: 3 });
    for (let n = 0; n < 10; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    await settle();
    expect(slow.waiting).toBe(3);
    for (let turn = 0; turn < 4; turn += 1) {
      slow.answer(success);
      await settle();
    }
    for (let n = 0; n < 10; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
  });

  test('what exceeds the queue of a target waits durably and is run later', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node({ callsPerTargetMax: 2, queuePerTargetMax: 2 });
    for (let n = 0; n < 8; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    await settle();
    participants.when('a/out', () => success);
    slow.answer(success);
    await clock.advance(5_000);
    for (let n = 0; n < 8; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
  });

  test('all that wait durably for room at a target are woken as it works through them, without waiting for their time', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node({ callsPerTargetMax: 2, queuePerTargetMax: 4 });
    for (let n = 0; n < 200; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    await settle();
    participants.when('a/out', () => success);
    slow.answer(success);
    await clock.advance(1_000);
    for (let n = 0; n < 200; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
  });

  test('what exceeds the running transactions is stored and run when there is room', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node({ runningMax: 3 });
    for (let n = 0; n < 9; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
    await settle();
    expect(slow.waiting).toBe(3);
    participants.when('a/out', () => success);
    slow.answer(success);
    await clock.advance(10_000);
    for (let n = 0; n < 9; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
  });
});

describe('a store that fails', () => {
  test('refuses a submit while it is away, and work goes on when it is back', async () => {
    const store = new UnreliableStore(new MemoryStore(), { random: () => 0.5 });
    const { node, participants, clock } = await openWorld(store);
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    await coordinator.submit(sagaRequest('before', ['a/out']), 0);
    await settle();
    store.isUnavailable = true;
    const refused = expect(coordinator.submit(sagaRequest('during', ['b/in']), 0)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    slow.answer(success);
    await clock.advance(3_000);
    await refused;
    store.isUnavailable = false;
    await clock.advance(60_000);
    expect(await look(coordinator, 'before')).toBe('succeed, 01 action succeed');
    expect(await look(coordinator, 'during')).toBe('none');
  });

  test('that loses replies, splits batches and is away at times loses nothing and doubles nothing durable', async () => {
    let seed = 7;
    const random = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    const store = new UnreliableStore(new MemoryStore(), {
      random,
      failBefore: 0.05,
      loseReply: 0.1,
      splitBatch: 0.3,
    });
    const world = await openWorld(new RetryingMigration(store).store);
    world.participants.when('b/in', (call) => (Number(call.gid.slice(1)) % 3 === 0 ? failure : success));
    const coordinator = await world.node();
    const accepted: number[] = [];
    for (let n = 0; n < 200; n += 1) {
      const submitted = follow(coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out', 'b/in']), 0));
      while (submitted.outcome === 'waiting') await world.clock.advance(20);
      if (submitted.outcome !== 'error') accepted.push(n);
    }
    await world.clock.advance(300_000);
    expect(accepted.length).toBeGreaterThan(150);
    for (const n of accepted) {
      const line = await lookUntil(() => look(coordinator, `g${String(n)}`));
      expect(line).toMatch(n % 3 === 0 ? /^failed/ : /^succeed/);
    }
    expect(world.participants.overlaps).toEqual([]);
  });
});

describe('a message', () => {
  test('that is prepared and submitted reaches its targets', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(messageRequest('m', ['b/in'], 'prepare'));
    expect(participants.calls).toEqual([]);
    expect(await coordinator.submit(messageRequest('m', ['b/in'], 'submit'), 5000)).toEqual({ kind: 'success' });
    expect(participants.calls).toEqual(['01 action b/in']);
  });

  test('that is prepared and never submitted is asked about, and follows the answer', async () => {
    const { node, participants, clock } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(messageRequest('yes', ['b/in'], 'prepare', { timeout_to_fail: 30 }));
    await clock.advance(29_000);
    expect(participants.calls).toEqual([]);
    await clock.advance(2_000);
    expect(participants.calls).toEqual(['00 msg sender/check', '01 action b/in']);
    participants.when('sender/check', () => failure);
    await coordinator.prepare(messageRequest('no', ['b/in'], 'prepare', { timeout_to_fail: 30 }));
    await clock.advance(31_000);
    expect(await look(coordinator, 'no')).toMatch(/^failed/);
  });

  test('that was aborted cannot be submitted, and the other way round', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(messageRequest('m', ['b/in'], 'prepare'));
    await coordinator.abort('m' as Gid, 'no');
    await coordinator.abort('m' as Gid, 'no');
    await expect(coordinator.submit(messageRequest('m', ['b/in'], 'submit'), 0)).rejects.toMatchObject({
      code: 'WRONG_STATUS',
    });
    await coordinator.submit(messageRequest('n', ['b/in'], 'submit'), 5000);
    await expect(coordinator.abort('n' as Gid, 'no')).rejects.toMatchObject({ code: 'WRONG_STATUS' });
  });

  test('with a delay is kept until then, across a wake of all', async () => {
    const { node, participants, clock } = await openWorld();
    const coordinator = await node();
    const delayed = messageRequest('m', ['b/in'], 'submit', { custom_data: JSON.stringify({ delay: 60 }) });
    expect(await coordinator.submit(delayed, 5000)).toEqual({ kind: 'open' });
    await coordinator.wakeAll(0, 100);
    await clock.advance(59_000);
    expect(participants.calls).toEqual([]);
    await clock.advance(2_000);
    expect(await look(coordinator, 'm')).toMatch(/^succeed/);
  });

  test('to a topic reaches all who subscribed when it was created', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.subscribe('orders', 'http://a/x', '');
    await coordinator.subscribe('orders', 'http://b/x', '');
    await coordinator.prepare(messageRequest('m', ['topic://orders'], 'prepare'));
    await coordinator.subscribe('orders', 'http://c/x', '');
    await coordinator.submit(messageRequest('m', ['topic://orders'], 'submit'), 5000);
    expect(participants.calls).toEqual(['01-01 action a/x', '01-02 action b/x']);
    await coordinator.deleteTopic('orders');
    await expect(coordinator.submit(messageRequest('n', ['topic://orders'], 'submit'), 0)).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
    });
  });

  test('answers who waits without its asynchronous branches', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    participants.when('b/slow', slow.behaviour);
    const coordinator = await node();
    const request = messageRequest('m', ['a/x', 'b/slow'], 'submit', {
      steps: [{ action: 'http://a/x' }, { action: 'http://b/slow', async: true }],
    });
    expect(await coordinator.submit(request, 5000)).toEqual({ kind: 'success' });
    expect(await look(coordinator, 'm')).toBe('submitted, 01 action succeed');
    slow.answer(success);
    await settle();
    expect(await look(coordinator, 'm')).toMatch(/^succeed/);
  });
});

/** A store whose first migrate is not part of what is tested. */
class RetryingMigration {
  constructor(readonly store: UnreliableStore) {
    const migrate = store.migrate.bind(store);
    store.migrate = async (): Promise<void> => {
      for (;;) {
        try {
          await migrate();
          return;
        } catch {
          // Again.
        }
      }
    };
  }
}

async function lookUntil(read: () => Promise<string>): Promise<string> {
  for (;;) {
    try {
      return await read();
    } catch {
      // The store was away for this one.
    }
  }
}
