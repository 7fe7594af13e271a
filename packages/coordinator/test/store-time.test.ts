/** Nodes whose own clocks are minutes apart, on a store whose engine has a clock. */
import { expect, test } from 'vitest';
import { MemoryStore, StoreError, UnreliableStore } from '@tandem/store';
import { Coordinator, type Clock } from '@tandem/coordinator';
import { codeOf, held, look, openWorld, sagaRequest, settle, success, type VirtualClock } from './virtual-world.js';

/** Its engine may have a clock. */
class TimedStore extends MemoryStore {
  engine: Clock | undefined;
  pings = 0;
  isFailing = false;

  override ping(): Promise<{ readonly engineNow: number | undefined }> {
    this.pings += 1;
    if (this.isFailing) return Promise.reject(new StoreError('unavailable', 'no answer'));
    return Promise.resolve({ engineNow: this.engine?.now() });
  }
}

/** A machine whose clock is wrong. */
function wrong(clock: VirtualClock, byMs: number): Clock {
  return {
    now: () => clock.now() + byMs,
    steady: () => clock.steady(),
    setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
  };
}

async function openTimed(hasEngineClock: boolean) {
  const store = new TimedStore();
  const world = await openWorld(store);
  if (hasEngineClock) store.engine = world.clock;
  return { ...world, store };
}

test('a lease is left alone by a node whose own clock is ten minutes ahead', async () => {
  const { node, participants, clock } = await openTimed(true);
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const late = await node({}, undefined, { clock: wrong(clock, -300_000) });
  const early = await node({}, undefined, { clock: wrong(clock, 300_000) });
  await late.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  await clock.advance(120_000);
  expect(participants.calls).toHaveLength(1);
  expect(Math.abs(early.now() - late.now())).toBeLessThanOrEqual(2);
  slow.answer(success);
  await settle();
  expect(await look(early, 'g')).toMatch(/^succeed/);
});

test('a lease names the coordinator that holds it', async () => {
  const { node, participants, store } = await openTimed(true);
  participants.when('a/out', held().behaviour);
  const coordinator = await node();
  await coordinator.submit(sagaRequest('g', ['a/out']), 0);
  const [stored] = await store.load(['g'], 'head');
  expect(stored?.head.leaseOwner).toBe(coordinator.id);
});

test('without a clock of the engine it would be taken: that is what the allowance between clocks is for', async () => {
  const { node, participants, clock } = await openTimed(false);
  participants.when('a/out', held().behaviour);
  const late = await node({}, undefined, { clock: wrong(clock, -300_000) });
  await node({}, undefined, { clock: wrong(clock, 300_000) });
  await late.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  await clock.advance(120_000);
  expect(participants.calls.length).toBeGreaterThan(1);
});

test('a node whose own clock is ten minutes behind takes over within a lease and a claim', async () => {
  const { node, participants, clock, store } = await openTimed(true);
  const cut = new UnreliableStore(store, { random: () => 0.5 });
  participants.when('a/out', held().behaviour);
  const early = await node({}, cut, { clock: wrong(clock, 300_000) });
  const late = await node({}, undefined, { clock: wrong(clock, -300_000) });
  await early.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  await settle();
  cut.isUnavailable = true;
  participants.when('a/out', () => success);
  await clock.advance(15_000 + 3_000 + 100);
  expect(await look(late, 'g')).toMatch(/^succeed/);
  expect(participants.overlaps).toEqual([]);
});

test('the engine is asked for its time every few seconds, and only if it has one', async () => {
  for (const [hasEngineClock, pings] of [
    [true, 13],
    [false, 1],
  ] as const) {
    const { node, clock, store } = await openTimed(hasEngineClock);
    const coordinator = await node();
    await clock.advance(60_000);
    expect(store.pings).toBe(pings);
    await coordinator.close();
    await clock.advance(60_000);
    expect(store.pings).toBe(pings);
  }
});

test('an engine that does not answer is asked again soon, and meanwhile the node goes by its own clock', async () => {
  const { node, clock, store } = await openTimed(true);
  store.isFailing = true;
  const coordinator = await node({}, undefined, { clock: wrong(clock, 300_000) });
  expect(coordinator.now()).toBe(clock.now() + 300_000);
  expect(await codeOf(coordinator.readClock())).toContain('no answer');
  store.isFailing = false;
  await clock.advance(600);
  expect(Math.abs(coordinator.now() - clock.now())).toBeLessThanOrEqual(1);
});

test('a node that does not know the time yet takes nothing over; then it does', async () => {
  const { node, participants, clock, store } = await openTimed(true);
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const late = await node({}, undefined, { clock: wrong(clock, -300_000) });
  await late.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  store.isFailing = true;
  const early = await node({}, undefined, { clock: wrong(clock, 300_000) });
  await clock.advance(10_000);
  expect((await store.load(['g'], 'head'))[0]?.head).toMatchObject({ leaseOwner: late.id, epoch: 1 });
  store.isFailing = false;
  await clock.advance(1_000);
  participants.when('a/out', () => success);
  const closing = late.close(0);
  await clock.advance(4_000);
  await closing;
  expect(await look(early, 'g')).toMatch(/^succeed/);
});

test('a coordinator that is closed before it knows the time does not start', async () => {
  const { clock, store, participants } = await openTimed(true);
  store.isFailing = true;
  let claims = 0;
  const claimDue = store.claimDue.bind(store);
  store.claimDue = (request) => {
    claims += 1;
    return claimDue(request);
  };
  const coordinator = new Coordinator({ store, caller: participants, clock });
  await coordinator.start();
  participants.when('a/out', held().behaviour);
  await coordinator.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  const closing = coordinator.close(2_000);
  store.isFailing = false;
  await clock.advance(10_000);
  await closing;
  expect(claims).toBe(0);
});

test('a coordinator that is closed while it asks for the time does not start', async () => {
  const { clock, store, participants } = await openTimed(true);
  let answer: () => void = () => undefined;
  const slow = new UnreliableStore(store, { random: () => 0.5, delay: () => new Promise((go) => (answer = go)) });
  const coordinator = new Coordinator({ store: slow, caller: participants, clock });
  const starting = coordinator.start();
  await settle();
  const closing = coordinator.close(0);
  for (let way = 0; way < 8; way += 1) {
    answer();
    await settle();
  }
  await Promise.all([starting, closing]);
  await clock.advance(60_000);
  expect(store.pings).toBe(1);
});

test('a node that still waits for the engine to tell its time keeps the leases of what it serves', async () => {
  const { participants, clock, store } = await openTimed(true);
  store.ping = () => new Promise(() => undefined);
  participants.when('a/out', held().behaviour);
  const defer = (run: () => void): void => {
    queueMicrotask(run);
  };
  const coordinator = new Coordinator({ store, caller: participants, clock, defer });
  void coordinator.start();
  await coordinator.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  await clock.advance(60_000);
  const [stored] = await store.load(['g'], 'head');
  expect(stored?.head).toMatchObject({ leaseOwner: coordinator.id, epoch: 1 });
  expect(stored?.head.leaseUntil).toBeGreaterThan(clock.now());
});
