import { defaultPolicies, limits, type Gid } from '@tandem/protocol';
import { Coordinator } from '@tandem/coordinator';
import { MemoryStore, StoreError, UnreliableStore, type Store, type WriteItem } from '@tandem/store';
import { describe, expect, test } from 'vitest';
import {
  branchOf,
  codeOf,
  follow,
  held,
  look,
  messageRequest,
  openWorld,
  Participants,
  sagaRequest,
  settle,
  success,
  twoPhaseRequest,
} from './virtual-world.js';

const gid = 'g' as Gid;

/** A store of which some calls do something else. */
function storeWith(changes: Partial<Store>, store: Store = new MemoryStore()): Store {
  return new Proxy(store, {
    get(target, name) {
      const changed: unknown = Reflect.get(changes, name, changes);
      if (changed !== undefined) return changed;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

describe('a caller that breaks', () => {
  test.each([
    ['throws', () => thrown()],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('and %s is an unclear answer: the call is made again, and its target keeps its places', async (_, behaviour) => {
    const { node, participants, clock } = await openWorld();
    participants.when('a/out', behaviour);
    const coordinator = await node({ callsPerTargetMax: 1 }, undefined, { defects: 'expected' });
    await coordinator.submit(sagaRequest('g', ['a/out']), 0);
    await settle();
    expect(await look(coordinator, 'g')).toBe('submitted, 01 action prepared');
    participants.when('a/out', () => success);
    await clock.advance(20_000);
    expect(await look(coordinator, 'g')).toBe('succeed, 01 action succeed');
  });
});

function thrown(): never {
  throw new Error('broken');
}

describe('a coordinator with the clock and the randomness of the machine', () => {
  test('makes gids that sort by time and do not repeat', async () => {
    const store = new MemoryStore();
    await store.migrate();
    const coordinator = new Coordinator({ store, caller: new Participants() });
    const gids = Array.from({ length: 100 }, () => coordinator.newGid());
    expect(new Set(gids).size).toBe(100);
    expect(gids.map((gid) => gid.slice(0, 9))).toEqual([...gids.map((gid) => gid.slice(0, 9))].sort());
    await coordinator.start();
    expect(await coordinator.submit(sagaRequest('g', ['a/out']), 5_000)).toEqual({ kind: 'success' });
    await coordinator.close();
  });
});

describe('topics and keys', () => {
  test('are changed and listed through the coordinator', async () => {
    const coordinator = await (await openWorld()).node();
    await coordinator.subscribe('t', 'http://a/x', 'one');
    await coordinator.subscribe('t', 'http://b/x', 'two');
    await coordinator.unsubscribe('t', 'http://a/x');
    expect((await coordinator.queryKeyValue('topics', 't'))?.value).toContain('http://b/x');
    expect((await coordinator.scanKeyValues('topics', undefined, 10)).items.map(({ key }) => key)).toEqual(['t']);
    await coordinator.deleteTopic('t');
    expect(await coordinator.queryKeyValue('topics', 't')).toBeUndefined();
  });

  test('a message goes to topics and URLs side by side', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.subscribe('t', 'http://a/x', '');
    await coordinator.subscribe('t', 'http://b/x', '');
    const request = messageRequest('g', ['c/x', 'topic://t', 'topic://t'], 'submit');
    expect(await coordinator.submit(request, 5_000)).toEqual({ kind: 'success' });
    expect(participants.calls.map((call) => call.split(' ')[2])).toEqual(['c/x', 'a/x', 'b/x', 'a/x', 'b/x']);
  });

  test('a message whose topics make too many branches is refused', async () => {
    const { node, store } = await openWorld();
    const half = Array.from({ length: limits.branchesMax / 2 + 1 }, (_, at) => ({ url: `http://s${String(at)}/x` }));
    await store.putKeyValue('topics', 't', JSON.stringify(half), 0, 1);
    const coordinator = await node();
    const submit = coordinator.submit(messageRequest('g', ['topic://t', 'topic://t'], 'submit'), 0);
    await expect(submit).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await look(coordinator, 'g')).toBe('none');
  });

  test('a message that a subscriber could not be called with by JSON-RPC is refused', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.subscribe('t', 'http://a/rpc?method=in', '');
    const sent = (gid: string, payload: string) => {
      const { definition, ...request } = messageRequest(gid, ['topic://t'], 'submit', { payloads: [payload] });
      return coordinator.submit({ ...request, definition: { ...definition, protocol: 'json-rpc' } }, 5_000);
    };
    await expect(sent('g', '[1]')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await look(coordinator, 'g')).toBe('none');
    expect(await sent('h', '{}')).toEqual({ kind: 'success' });
    expect(participants.calls).toEqual(['01 action a/rpc?method=in']);
  });
});

describe('a request', () => {
  test('to submit what was never prepared, without its steps, is refused', async () => {
    const coordinator = await (await openWorld()).node();
    const submit = coordinator.submit(messageRequest('g', [], 'submit'), 0);
    await expect(submit).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('that has nothing to call has ended when it is answered, whether somebody waits or not', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    for (const [gid, waitMs] of [
      ['g', 5_000],
      ['h', 0],
    ] as const) {
      const { definition, ...request } = sagaRequest(gid, ['a/out']);
      const steps = definition.steps.map((step) => ({ ...step, action: '', compensate: '' }));
      const outcome = await coordinator.submit({ ...request, definition: { ...definition, steps } }, waitMs);
      expect(outcome).toEqual({ kind: 'success' });
    }
    expect(participants.calls).toEqual([]);
  });

  test('whose gid is purged while it is looked at is to be sent again', async () => {
    const store = new MemoryStore();
    const { node } = await openWorld(store);
    await (await node()).submit(sagaRequest('g', ['a/out']), 5_000);
    const forgetful = storeWith({ load: (gids) => Promise.resolve(gids.map(() => undefined)) }, store);
    const other = await node({}, forgetful);
    const submit = other.submit(sagaRequest('g', ['a/out']), 0);
    await expect(submit).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((await other.list({}, undefined, 10)).transactions).toEqual([]);
  });

  test('that waits for what is purged while it waits is told no later than asked', async () => {
    const { node, clock, store, participants } = await openWorld();
    participants.when('a/seat-no', held().behaviour);
    // The second abort reads what it is about, and then looks once how that has ended.
    let readsLeft = Infinity;
    const load: Store['load'] = async (...asked) => {
      readsLeft -= 1;
      return readsLeft < 0 ? asked[0].map(() => undefined) : store.load(...asked);
    };
    const coordinator = await node({}, storeWith({ load }, store));
    await coordinator.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    await coordinator.registerBranch(gid, branchOf('tcc', '01', 'a/seat'));
    await coordinator.abort(gid, '');
    readsLeft = 1;
    let answer = 'none';
    void codeOf(coordinator.abort(gid, '', 5_000)).then((code) => (answer = code));
    await clock.advance(4_900);
    expect(answer).toBe('none');
    await clock.advance(200);
    expect(answer).toBe('done');
  });
});

describe('a store that refuses every change for good', () => {
  test('tells the verb, and ends the run when it can neither record an answer nor pause for that', async () => {
    const refuse = (item: WriteItem) => (item.kind === 'commit' ? 'read-only' : undefined);
    const store = new UnreliableStore(new MemoryStore(), { random: () => 0.5, refuse });
    const { node, clock, participants } = await openWorld(store);
    const coordinator = await node({}, store, { defects: 'expected' });
    const slow = held();
    participants.when('a/out', slow.behaviour);
    await coordinator.submit(sagaRequest('g', ['a/out']), 0);
    const pause = coordinator.pause('g' as Gid, 'why');
    await expect(pause).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(slow.waiting).toBe(1);
    slow.answer(success);
    await settle();
    expect(coordinator.stats().running).toBe(0);
    await clock.advance(1_000);
    expect(await look(coordinator, 'g')).toBe('submitted');
  });
});

describe('closing', () => {
  test('while the store is being purged or claimed leaves nothing behind', async () => {
    let release: (error: StoreError) => void = () => undefined;
    const waiting = () => new Promise<never>((_, reject) => (release = reject));
    const { node, clock } = await openWorld(storeWith({ purge: waiting }));
    const coordinator = await node({ purgeIntervalMs: 1_000 });
    await clock.advance(1_500);
    const closed = coordinator.close();
    await settle();
    release(new StoreError('unavailable', 'gone'));
    await closed;
    expect(coordinator.stats()).toMatchObject({ running: 0, pendingWrites: 0 });
  });

  test('while a claim fails starts no other', async () => {
    let claims = 0;
    let release: (error: StoreError) => void = () => undefined;
    const claimDue = () => {
      claims += 1;
      return new Promise<never>((_, reject) => (release = reject));
    };
    const { node, clock } = await openWorld(storeWith({ claimDue }));
    const coordinator = await node();
    await settle();
    const closed = coordinator.close();
    await settle();
    release(new StoreError('unavailable', 'gone'));
    await closed;
    await clock.advance(60_000);
    expect(claims).toBe(1);
  });
});

describe('waking', () => {
  test('when nothing waits wakes nothing', async () => {
    const coordinator = await (await openWorld()).node();
    expect(await coordinator.wakeAll(0, 100)).toEqual({ woken: 0, hasMore: false });
  });
});

describe('two callers who wait for one transaction', () => {
  test('are each told in their own time', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    const first = follow(coordinator.submit(sagaRequest('g', ['a/out']), 1_000));
    await settle();
    const second = follow(coordinator.submit(sagaRequest('g', ['a/out']), 5_000));
    await clock.advance(1_500);
    expect([first.outcome, second.outcome]).toEqual(['open', 'waiting']);
    slow.answer(success);
    await settle();
    expect(second.outcome).toBe('success');
  });
});

test('no type has room: nothing is claimed', async () => {
  const { node, participants, clock, store } = await openWorld();
  const slow = held();
  participants.when('a/out', slow.behaviour);
  const types = Object.fromEntries(
    Object.entries(defaultPolicies).map(([type, defaults]) => {
      const isUsed = type === 'saga' || type === 'msg';
      return [type, { ...defaults, runningMax: isUsed ? 1 : 0 }];
    }),
  ) as never;
  const one = await node({ types });
  await one.submit(sagaRequest('g', ['a/out']), 0);
  await one.submit(messageRequest('m', ['a/out'], 'submit'), 0);
  await one.submit(sagaRequest('h', ['a/out']), 0);
  await clock.advance(5_000);
  expect(slow.waiting).toBe(2);
  expect((await store.scan({}, undefined, 10)).heads).toHaveLength(3);
  participants.when('a/out', () => success);
  slow.answer(success);
  await clock.advance(10_000);
  expect(await look(one, 'h')).toMatch(/^succeed/);
});

test('a wake that fails leaves those that wait to their own due time', async () => {
  const store = new MemoryStore();
  const failing = storeWith({ wake: () => Promise.reject(new StoreError('unavailable', 'away')) }, store);
  const { node, participants, clock } = await openWorld(failing);
  participants.when('a/out', () => ({ kind: 'unknown', reason: 'connection refused', isUnreachable: true }));
  const coordinator = await node({ breakerFailures: 1, breakerOpenMs: 500 });
  for (const name of ['g', 'h']) await coordinator.submit(sagaRequest(name, ['a/out']), 0);
  await clock.advance(1_000);
  participants.when('a/out', () => success);
  await clock.advance(120_000);
  expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  expect(await look(coordinator, 'h')).toMatch(/^succeed/);
});
