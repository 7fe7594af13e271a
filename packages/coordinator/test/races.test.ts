import { expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import {
  MemoryStore,
  UnreliableStore,
  type ClaimRequest,
  type ClaimResult,
  type WriteItem,
  type WriteResult,
} from '@tandem/store';
import { TargetGate, type GatePlace } from '../src/target-gate.js';
import {
  codeOf,
  held,
  look,
  messageRequest,
  openWorld,
  sagaRequest,
  settle,
  success,
  unknown,
  VirtualClock,
} from './virtual-world.js';

const gid = 'g' as Gid;

test('a transaction that is paused while its call waits in the queue of a busy target writes once, not in a loop', async () => {
  const store = new MemoryStore();
  let writes = 0;
  const counted = new UnreliableStore(store, {
    random: () => 0.5,
    // The loop runs in one moment of virtual time: it is held after so many writes that nobody needs.
    delay: () => (writes > 200 ? new Promise(() => undefined) : Promise.resolve()),
    refuse: () => {
      writes += 1;
      return undefined;
    },
  });
  const { node, participants } = await openWorld(counted);
  participants.when('a/out', held().behaviour);
  const coordinator = await node({ callsPerTargetMax: 1 });
  await coordinator.submit(sagaRequest('busy', ['a/out'], { request_timeout: 600 }), 0);
  await coordinator.submit(sagaRequest('g', ['a/other'], { request_timeout: 600 }), 0);
  await settle();
  const before = writes;
  await coordinator.pause(gid, 'stop');
  await settle();
  expect(writes - before).toBeLessThan(5);
});

test('a resume at the node that runs it undoes a pause made at another node, though it has not heard of that yet', async () => {
  const { node, participants, clock } = await openWorld();
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const first = await node();
  const second = await node();
  await first.submit(sagaRequest('g', ['a/out', 'b/in'], { request_timeout: 600 }), 0);
  await settle();
  await second.pause(gid, 'stop');
  await first.resume(gid);
  slow.answer(success);
  await clock.advance(60_000);
  expect(await look(first, 'g')).toMatch(/^succeed/);
});

test('no call starts more than a second after another node has stopped the transaction by force', async () => {
  const { node, participants, clock } = await openWorld();
  const [one, two] = [held(), held()];
  participants.when('a/one', one.behaviour);
  participants.when('a/two', two.behaviour);
  const first = await node({ callsPerTargetMax: 1 });
  const second = await node();
  const more = { concurrent: true, request_timeout: 600 };
  await first.submit(sagaRequest('g', ['a/one', 'a/two'], more), 0);
  await settle();
  expect(participants.calls).toHaveLength(1);
  await second.forceStop(gid, 'stop');
  await clock.advance(1_000);
  one.answer(success);
  await clock.advance(60_000);
  expect(participants.calls).toHaveLength(1);
});

test('a submit that reaches a run whose lease has run out is not acknowledged before it is durable', async () => {
  const { node, participants, clock, store } = await openWorld();
  const check = held();
  participants.when('sender/check', check.behaviour);
  const coordinator = await node();
  await coordinator.prepare(messageRequest('g', ['a/in'], 'prepare', { timeout_to_fail: 1, request_timeout: 600 }));
  await clock.advance(8_000);
  expect(check.waiting).toBe(1);
  clock.stall(20_000);
  const answer = await coordinator.submit(messageRequest('g', ['a/in'], 'submit'), 0).then(
    () => 'acknowledged',
    () => 'refused',
  );
  const [stored] = await store.load(['g'], 'head');
  expect([answer, stored?.head.status]).not.toEqual(['acknowledged', 'prepared']);
});

test('a retry that reaches a run shortly after its lease has run out is refused, though the run has just written', async () => {
  const { node, participants, clock, log } = await openWorld();
  participants.when('a/out', held().behaviour);
  participants.when('b/out', () => unknown);
  const coordinator = await node({ leaseMs: 1_000, skewMs: 200 });
  await coordinator.submit(sagaRequest('g', ['a/out', 'b/out'], { concurrent: true, request_timeout: 600 }), 0);
  await settle();
  clock.stall(900);
  expect(await codeOf(coordinator.retryNow(gid))).toBe('STORE_UNAVAILABLE');
  expect(log).toEqual(['g lost']);
  expect(participants.calls).toHaveLength(2);
});

test('a lease is renewed although the time of its transaction has just run out, which shows at once after it', async () => {
  const { node, participants, clock, store } = await openWorld();
  participants.when('a/out', held().behaviour);
  const coordinator = await node({ leaseMs: 15_000 });
  await coordinator.submit(sagaRequest('g', ['a/out'], { timeout_to_fail: 3, request_timeout: 600 }), 0);
  await clock.advance(2_000);
  clock.stall(4_000);
  const leftMs = async () => ((await store.load(['g'], 'head'))[0]?.head.leaseUntil ?? 0) - clock.now();
  expect(await leftMs()).toBe(9_000);
  await clock.advance(0);
  expect(await leftMs()).toBe(15_000);
  expect(await look(coordinator, 'g')).toBe('aborting');
});

test('a run that hears of a pause made at another node while it waits for room gives its lease back', async () => {
  const { node, participants, clock, store } = await openWorld();
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const first = await node({ callsPerTargetMax: 1 });
  await first.submit(sagaRequest('busy', ['a/out'], { request_timeout: 600 }), 0);
  await first.submit(sagaRequest('g', ['a/other']), 0);
  await (await node()).pause(gid, 'stop');
  const leaseUntil = async () => (await store.load(['g'], 'head'))[0]?.head.leaseUntil;
  expect(await leaseUntil()).toBeGreaterThan(0);
  await clock.advance(1_500);
  slow.answer(success);
  await settle();
  expect(await leaseUntil()).toBe(0);
  expect(await look(first, 'g')).toBe('submitted (paused)');
  expect(participants.calls).toEqual(['01 action a/out']);
});

test('a create that becomes durable while the coordinator closes leaves no lease behind', async () => {
  const store = new MemoryStore();
  let release: () => void = () => undefined;
  const slow = new UnreliableStore(store, { random: () => 0.5, delay: () => new Promise((go) => (release = go)) });
  const { node, clock } = await openWorld(store);
  const starting = node({ claimIntervalMs: 3_600_000, retentionMs: 0 }, slow);
  // Its look at the clock and its first claim, on their way there and back.
  for (let way = 0; way < 4; way += 1) {
    await settle();
    release();
  }
  const coordinator = await starting;
  await settle();
  const submitted = coordinator.submit(sagaRequest('g', ['a/out']), 0).catch(() => undefined);
  await settle();
  const closed = coordinator.close(1_000);
  for (let turn = 0; turn < 8; turn += 1) {
    release();
    await clock.advance(500);
  }
  await Promise.all([submitted, closed]);
  const [stored] = await store.load(['g'], 'head');
  expect(stored?.head.leaseOwner ?? '').toBe('');
});

test('while a target is down one probe is out at a time, whatever earlier calls end meanwhile', async () => {
  const clock = new VirtualClock();
  const on = { opened: () => undefined, recovered: () => undefined, drained: () => undefined };
  const gate = new TargetGate({ callsMax: 10, queueMax: 10, breakerFailures: 1, breakerOpenMs: 100 }, clock, on);
  const enter = (): GatePlace => {
    const entry = gate.enter('a', () => undefined);
    if (entry.kind !== 'entered') throw new Error(`no place: ${entry.kind}`);
    return entry.place;
  };
  const [first, second] = [enter(), enter()];
  gate.leave(first, false);
  await clock.advance(200);
  enter();
  gate.leave(second, undefined);
  expect(gate.enter('a', () => undefined).kind).toBe('postponed');
});

test('one slow target leaves room for transactions of other targets', async () => {
  const { node, participants, clock } = await openWorld();
  participants.when('slow/x', held().behaviour);
  const coordinator = await node({ retentionMs: 0 });
  for (let n = 0; n < 4_200; n += 1) {
    await coordinator.submit(sagaRequest(`s${String(n)}`, ['slow/x'], { request_timeout: 60 }), 0);
  }
  await coordinator.submit(sagaRequest('g', ['fast/x']), 0);
  await clock.advance(5_000);
  expect(await look(coordinator, 'g')).toMatch(/^succeed/);
});

test('a subscriber that no caller can reach is refused, and does not poison messages of its topic', async () => {
  const { node, participants, clock } = await openWorld();
  participants.targetOf = (url: string): string => {
    if (!url.startsWith('http://')) throw new Error(`no caller for ${url}`);
    return new URL(url).origin;
  };
  const coordinator = await node({}, undefined, { defects: 'expected' });
  await expect(coordinator.subscribe('news', 'not a url', '')).rejects.toThrow('no caller');
  await coordinator.subscribe('news', 'http://a/good', '');
  const more = { concurrent: true };
  await coordinator.submit(messageRequest('g', ['topic://news'], 'submit', more), 0);
  await clock.advance(120_000);
  expect(participants.calls).toEqual(['01 action a/good']);
  expect(await look(coordinator, 'g')).toMatch(/^succeed/);
});

test('a URL that no caller can call is refused before anything is stored, wherever it stands', async () => {
  const { node, store } = await openWorld();
  const coordinator = await node();
  const bad = 'http://bank:80800/x';
  const saga = (action: string, compensate: string) =>
    sagaRequest('g', ['a/x'], { steps: [{ action: 'http://a/x' }, { action, compensate }], payloads: ['', ''] });
  await expect(coordinator.submit(saga(bad, ''), 0)).rejects.toThrow();
  await expect(coordinator.submit(saga('http://a/y', bad), 0)).rejects.toThrow();
  await expect(coordinator.prepare(messageRequest('g', ['a/x'], 'prepare', { query_prepared: bad }))).rejects.toThrow();
  expect(await store.load(['g'], 'head')).toEqual([undefined]);
});

test('a stored URL that no caller can call any more reads as an unclear answer, with its reason', async () => {
  const { node, participants } = await openWorld();
  const coordinator = await node();
  let isKnown = true;
  participants.targetOf = (url: string): string => {
    if (!isKnown && url.includes('gone')) throw new Error(`no caller for ${url}`);
    return new URL(url).origin;
  };
  const slow = held();
  participants.when('a/x', slow.behaviour);
  participants.when('gone/x', () => ({ kind: 'unknown', reason: 'no caller' }));
  await coordinator.submit(sagaRequest('g', ['a/x', 'gone/x']), 0);
  await settle();
  isKnown = false;
  slow.answer(success);
  await settle();
  expect(await look(coordinator, 'g')).toBe('submitted, 01 action succeed, 02 action prepared');
});

/** A store whose replies to claims or writes are late: what they answer is applied at once, or after `applyMs`. */
class LateReplies extends MemoryStore {
  claimMs = 0;
  writeMs = 0;
  applyMs = 0;
  clock: VirtualClock | undefined;

  override async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    const result = await super.claimDue(request);
    if (result.claimed.length > 0) await this.#wait(this.claimMs);
    return result;
  }

  override async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    await this.#wait(this.applyMs);
    const results = await super.write(items);
    await this.#wait(this.writeMs);
    return results;
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => void this.clock?.setTimer(ms, resolve));
  }
}

test('a claim whose reply comes after a verb has run and ended the transaction makes no further call', async () => {
  const store = new LateReplies();
  const { node, participants, clock } = await openWorld(store);
  store.clock = clock;
  participants.when('a/out', () => unknown);
  const coordinator = await node();
  await coordinator.submit(sagaRequest('g', ['a/out'], { retry: { initial_ms: 1000, jitter: 0 } }), 0);
  await settle();
  participants.when('a/out', () => success);
  store.claimMs = 500;
  await clock.advance(1_200);
  // The claim has been applied and its reply is on the way: a visit reads that this node holds the lease.
  await coordinator.retryNow(gid);
  await settle();
  expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  const callsAtEnd = participants.calls.length;
  await clock.advance(5_000);
  expect(participants.calls).toHaveLength(callsAtEnd);
});

test('a target without any queue sends away who does not fit, without claiming them over and over', async () => {
  const store = new MemoryStore();
  let writes = 0;
  const counted = new UnreliableStore(store, {
    random: () => 0.5,
    delay: () => (writes > 200 ? new Promise(() => undefined) : Promise.resolve()),
    refuse: () => {
      writes += 1;
      return undefined;
    },
  });
  const { node, participants, clock } = await openWorld(counted);
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const coordinator = await node({ callsPerTargetMax: 1, queuePerTargetMax: 0, retentionMs: 0 });
  for (let n = 0; n < 3; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0);
  await clock.advance(1_000);
  expect(writes).toBeLessThan(10);
  participants.when('a/out', () => success);
  slow.answer(success);
  await clock.advance(1_000);
  for (let n = 0; n < 3; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
});

test('who was sent away while room was made is woken, although its waiting became durable only afterwards', async () => {
  const store = new LateReplies();
  const { node, participants, clock } = await openWorld(store);
  store.clock = clock;
  store.applyMs = 20;
  participants.when('a/out', () => new Promise((resolve) => clock.setTimer(3, () => resolve(success))));
  const coordinator = await node({ callsPerTargetMax: 2, queuePerTargetMax: 2 });
  const submits = Array.from({ length: 6 }, (_, n) => coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 0));
  await clock.advance(2_000);
  await Promise.all(submits);
  for (let n = 0; n < 6; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
});

test('a call is given up before the allowance for clocks begins, wherever between two looks the lease ends', async () => {
  const store = new UnreliableStore(new MemoryStore(), { random: () => 1 });
  const { node, participants, clock } = await openWorld(store);
  participants.when('a/out', held().behaviour);
  const coordinator = await node({ leaseMs: 3_000, skewMs: 300 });
  await clock.advance(100);
  await coordinator.submit(sagaRequest('g', ['a/out'], { request_timeout: 600 }), 0);
  await settle();
  store.isUnavailable = true;
  await clock.advance(3_000 - 300);
  expect(participants.cancelled).toBe(1);
});

test('a claim that overtakes the reply to the write that gave the lease back is not forgotten', async () => {
  const store = new LateReplies();
  const { node, participants, clock } = await openWorld(store);
  store.clock = clock;
  const answers = held();
  participants.when('a/out', answers.behaviour);
  const coordinator = await node({ claimIntervalMs: 200 });
  const request = sagaRequest('g', ['a/out'], { request_timeout: 600, retry: { initial_ms: 300, jitter: 0 } });
  await coordinator.submit(request, 0);
  await settle();
  participants.when('a/out', () => success);
  store.writeMs = 1_000;
  answers.answer(unknown);
  await clock.advance(5_000);
  expect(await look(coordinator, 'g')).toMatch(/^succeed/);
});

test('a submit that has seen its transaction is not told that there is none, by a read that began before it was created', async () => {
  const store = new MemoryStore();
  let isSlow = true;
  const replies: (() => void)[] = [];
  // The first read is answered from before the creation, and arrives after it.
  const late = new Proxy(store, {
    get(target, name: keyof MemoryStore) {
      const member: unknown = target[name];
      if (name !== 'load') return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      return async (...given: Parameters<MemoryStore['load']>) => {
        const found = await target.load(...given);
        if (isSlow) await new Promise<void>((resolve) => replies.push(resolve));
        return found;
      };
    },
  });
  const { node } = await openWorld(store);
  const [creator, other] = [await node(), await node({}, late)];
  const early = other.retryNow(gid).catch((error: unknown) => error);
  await settle();
  isSlow = false;
  await creator.submit(messageRequest('g', ['a/in'], 'submit'), 0);
  const submitted = other.submit(messageRequest('g', ['a/in'], 'submit'), 0);
  await settle();
  for (const reply of replies) reply();
  expect(await submitted).toEqual({ kind: 'open' });
  expect(await early).toMatchObject({ code: 'NOT_FOUND' });
});

test('a run whose change the store refuses calls nothing while it drops its calls, though one of them makes room for another', async () => {
  let refusals = 0;
  const store = new UnreliableStore(new MemoryStore(), {
    random: () => 0.5,
    refuse: (item) => (item.kind === 'commit' && (refusals += 1) === 1 ? 'too large' : undefined),
  });
  const { node, participants } = await openWorld(store);
  const [first, second] = [held(), held()];
  participants.when('a/one', first.behaviour);
  participants.when('b/two', second.behaviour);
  const coordinator = await node({ callsPerTargetMax: 1 }, store, { defects: 'expected' });
  const more = { concurrent: true, request_timeout: 600 };
  await coordinator.submit(sagaRequest('g', ['a/one', 'b/two', 'b/three'], more), 0);
  await settle();
  first.answer(success);
  await settle();
  expect(await look(coordinator, 'g')).toBe('submitted (paused)');
  expect(participants.calls).toEqual(['01 action a/one', '02 action b/two']);
});
