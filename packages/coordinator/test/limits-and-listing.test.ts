import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { MemoryStore, UnreliableStore, type WriteItem } from '@tandem/store';
import { defaultPolicy } from '@tandem/coordinator';
import { held, look, messageRequest, openWorld, sagaRequest, settle, success, unknown } from './virtual-world.js';

describe('a store that refuses a change for good', () => {
  test('pauses the transaction where a person sees it, instead of calling again for ever', async () => {
    const refuse = (item: WriteItem): string | undefined =>
      item.kind === 'commit' && !item.head.isPaused ? 'row too large' : undefined;
    const store = new UnreliableStore(new MemoryStore(), { random: () => 0.5, refuse });
    const world = await openWorld(store);
    const coordinator = await world.node({}, store, { defects: 'expected' });
    await coordinator.submit(sagaRequest('g', ['a/out', 'b/in']), 0);
    await world.clock.advance(120_000);
    expect(world.participants.calls).toEqual(['01 action a/out']);
    expect(await look(coordinator, 'g')).toBe('submitted (paused)');
    const view = await coordinator.query('g' as Gid);
    expect(view?.head.state.pauseReason).toContain('row too large');
  });

  test('refuses the request when it is the creation', async () => {
    const store = new UnreliableStore(new MemoryStore(), { random: () => 0.5, refuse: () => 'too large' });
    const { node } = await openWorld(store);
    const coordinator = await node();
    await expect(coordinator.submit(sagaRequest('g', ['a/out']), 0)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });
});

describe('a limit of one type', () => {
  test('holds back that type and no other', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('slow/x', slow.behaviour);
    const types = { ...defaultPolicy.types, saga: { ...defaultPolicy.types.saga, runningMax: 2 } };
    const coordinator = await node({ types });
    for (let n = 0; n < 6; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['slow/x']), 0);
    await clock.advance(10_000);
    expect(slow.waiting).toBe(2);
    expect(await coordinator.submit(messageRequest('m', ['b/in'], 'submit'), 5000)).toEqual({ kind: 'success' });
    participants.when('slow/x', () => success);
    slow.answer(success);
    await clock.advance(30_000);
    for (let n = 0; n < 6; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
  });
});

describe('verbs that come together', () => {
  test('on one transaction that waits are all served, in order', async () => {
    const { node, participants } = await openWorld();
    participants.when('a/out', () => unknown);
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out'], { retry_interval: 3600 }), 0);
    await settle();
    const gid = 'g' as Gid;
    const verbs = [coordinator.pause(gid, 'one'), coordinator.resume(gid), coordinator.retryNow(gid)];
    await Promise.all([...verbs, coordinator.pause(gid, 'two')]);
    await settle();
    expect(await look(coordinator, 'g')).toBe('submitted (paused), 01 action prepared');
    expect((await coordinator.query(gid))?.head.state.pauseReason).toBe('two');
  });

  test('on a gid that is being created find it or do not, and leave nothing behind', async () => {
    const { node, clock } = await openWorld();
    const coordinator = await node();
    const startedAt = clock.now();
    for (let n = 0; n < 20; n += 1) {
      const gid = `g${String(n)}`;
      // More and more turns of the event loop before the verb, so that it meets the creation at each of its awaits.
      const submitted = coordinator.submit(sagaRequest(gid, ['a/out']), 5000);
      for (let turn = 0; turn < n; turn += 1) await Promise.resolve();
      const stopped = coordinator.pause(gid as Gid, '').then(
        () => coordinator.resume(gid as Gid),
        () => undefined,
      );
      await Promise.allSettled([submitted, stopped]);
      await settle();
      expect(await look(coordinator, gid)).toMatch(/^succeed/);
    }
    for (let n = 0; n < 20; n += 1) {
      const gid = `h${String(n)}`;
      const stopped = coordinator.pause(gid as Gid, '').then(
        () => coordinator.resume(gid as Gid),
        () => undefined,
      );
      for (let turn = 0; turn < n; turn += 1) await Promise.resolve();
      const submitted = coordinator.submit(sagaRequest(gid, ['a/out']), 5000);
      await Promise.allSettled([submitted, stopped]);
      await settle();
      expect(await look(coordinator, gid)).toMatch(/^succeed/);
    }
    expect(coordinator.stats().running).toBe(0);
    expect(clock.now()).toBe(startedAt);
  });
});

describe('a listing', () => {
  test('shows the newest first, page by page, without payloads', async () => {
    const { node, clock } = await openWorld();
    const coordinator = await node();
    for (let n = 0; n < 25; n += 1) {
      await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 5000);
      await clock.advance(1);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await coordinator.list({ status: 'succeed' }, cursor, 10);
      for (const { gid, definition } of page.transactions) {
        seen.push(gid);
        expect(definition.steps).toEqual([]);
      }
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `g${String(24 - n)}`));
  });
});

describe('retention', () => {
  test('purges what finished long ago, and nothing that is not finished', async () => {
    const { node, participants, clock } = await openWorld();
    participants.when('never/x', () => unknown);
    const coordinator = await node({ retentionMs: 60_000, purgeIntervalMs: 1_000, purgeBatch: 3 });
    for (let n = 0; n < 10; n += 1) await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out']), 5000);
    await coordinator.submit(sagaRequest('stuck', ['never/x']), 0);
    await clock.advance(30_000);
    expect(await look(coordinator, 'g0')).toMatch(/^succeed/);
    await clock.advance(40_000);
    for (let n = 0; n < 10; n += 1) expect(await look(coordinator, `g${String(n)}`)).toBe('none');
    expect(await look(coordinator, 'stuck')).toMatch(/^submitted/);
  });
});
