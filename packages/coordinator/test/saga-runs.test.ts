import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { failure, follow, held, look, openWorld, sagaRequest, settle, success, unknown } from './virtual-world.js';

describe('a saga that is submitted', () => {
  test('calls its steps in order and answers success to who waits', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    const outcome = await coordinator.submit(sagaRequest('g', ['a/out', 'b/in']), 5000);
    expect(outcome).toEqual({ kind: 'success' });
    expect(participants.calls).toEqual(['01 action a/out', '02 action b/in']);
    expect(await look(coordinator, 'g')).toBe('succeed, 01 action succeed, 02 action succeed');
  });

  test('costs three durable writes for two steps', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out', 'b/in']), 5000);
    expect(coordinator.stats().writes.items).toBe(3);
  });

  test('is compensated in reverse when a step refuses, the refused step included', async () => {
    const { node, participants } = await openWorld();
    participants.when('b/in', () => failure);
    const coordinator = await node();
    const outcome = await coordinator.submit(sagaRequest('g', ['a/out', 'b/in', 'c/in']), 5000);
    expect(outcome.kind).toBe('failure');
    expect(outcome).toMatchObject({ reason: expect.stringContaining('refused') as string });
    expect(participants.calls).toEqual([
      '01 action a/out',
      '02 action b/in',
      '02 compensate b/in-back',
      '01 compensate a/out-back',
    ]);
  });

  test('answers a caller who does not wait as soon as it is durable', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    expect(await coordinator.submit(sagaRequest('g', ['a/out']), 0)).toEqual({ kind: 'open' });
    expect(await look(coordinator, 'g')).toBe('submitted');
    slow.answer(success);
    await settle();
    expect(await look(coordinator, 'g')).toBe('succeed, 01 action succeed');
  });

  test('waits out its back-off after an unclear answer and goes on', async () => {
    const { node, participants, clock } = await openWorld();
    let answers = 0;
    participants.when('a/out', () => ((answers += 1) < 3 ? unknown : success));
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out'], { retry_interval: 10 }), 0);
    await settle();
    expect(participants.calls).toHaveLength(1);
    await clock.advance(10_000);
    expect(participants.calls).toHaveLength(2);
    await clock.advance(20_000);
    expect(participants.calls).toHaveLength(3);
    expect(await look(coordinator, 'g')).toBe('succeed, 01 action succeed');
  });

  test('tells who waits that it is open as soon as the next attempt lies beyond the wait', async () => {
    const { node, participants } = await openWorld();
    participants.when('a/out', () => unknown);
    const coordinator = await node();
    const submitted = follow(coordinator.submit(sagaRequest('g', ['a/out'], { retry_interval: 10 }), 5000));
    await settle();
    expect(submitted.outcome).toBe('open');
  });

  test('keeps who waits waiting when the next attempt comes in time', async () => {
    const { node, participants, clock } = await openWorld();
    let answers = 0;
    participants.when('a/out', () => ((answers += 1) < 2 ? unknown : success));
    const coordinator = await node();
    const submitted = follow(coordinator.submit(sagaRequest('g', ['a/out'], { retry_interval: 2 }), 5000));
    await settle();
    expect(submitted.outcome).toBe('waiting');
    await clock.advance(2_000);
    expect(submitted.outcome).toBe('success');
  });

  test('is rolled back at its time limit even while a call is out, and compensates only after the answer', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out', 'b/in'], { timeout_to_fail: 3, request_timeout: 60 }), 0);
    await clock.advance(3_100);
    expect(await look(coordinator, 'g')).toBe('aborting');
    expect(participants.calls).toEqual(['01 action a/out']);
    slow.answer(success);
    await settle();
    expect(participants.calls).toEqual(['01 action a/out', '01 compensate a/out-back']);
    expect(await look(coordinator, 'g')).toMatch(/^failed/);
  });

  test('runs its steps side by side when concurrent, but for its orders', async () => {
    const { node, participants } = await openWorld();
    const first = held();
    participants.when('a/1', first.behaviour);
    const coordinator = await node();
    const custom = JSON.stringify({ concurrent: true, orders: { 2: [0, 1] } });
    await coordinator.submit(sagaRequest('g', ['a/1', 'b/2', 'c/3'], { concurrent: true, custom_data: custom }), 0);
    await settle();
    expect(participants.calls).toEqual(['01 action a/1', '02 action b/2']);
    first.answer(success);
    await settle();
    expect(participants.calls).toEqual(['01 action a/1', '02 action b/2', '03 action c/3']);
  });

  test('never compensates a step whose predecessor was still out when another step refused', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    const refusing = held();
    participants.when('a/1', slow.behaviour);
    participants.when('b/2', refusing.behaviour);
    const coordinator = await node();
    const custom = JSON.stringify({ concurrent: true, orders: { 2: [0] } });
    const between = held();
    participants.when('d/4', between.behaviour);
    const steps = ['a/1', 'b/2', 'c/3', 'd/4'];
    await coordinator.submit(sagaRequest('g', steps, { concurrent: true, custom_data: custom }), 0);
    await settle();
    // While the commit of the first answer is under way two more arrive, and ride in the next commit together.
    between.answer(success);
    slow.answer(success);
    refusing.answer(failure);
    await settle();
    expect(participants.calls.filter((call) => call.startsWith('03'))).toEqual([]);
    expect(await look(coordinator, 'g')).toMatch(/^failed/);
  });
});

test('a step is called with its own method and headers, which go before those of its saga', async () => {
  const { node, participants } = await openWorld();
  const asked: unknown[] = [];
  for (const path of ['a/out', 'b/in']) {
    participants.when(path, ({ method, headers }) => {
      asked.push({ method, headers });
      return success;
    });
  }
  const steps = [
    { action: 'http://a/out', method: 'PUT', branch_headers: { 'x-id': 'own' } },
    { action: 'http://b/in' },
  ];
  const more = { steps, branch_method: 'PATCH', branch_headers: { 'x-id': 'all', 'x-user': 'u' } };
  const coordinator = await node();
  await coordinator.submit(sagaRequest('g', ['a/out', 'b/in'], more), 5_000);
  await coordinator.submit(sagaRequest('h', ['b/in']), 5_000);
  expect(asked).toEqual([
    { method: 'PUT', headers: { 'x-id': 'own', 'x-user': 'u' } },
    { method: 'PATCH', headers: { 'x-id': 'all', 'x-user': 'u' } },
    { method: undefined, headers: {} },
  ]);
});

describe('an operator', () => {
  test('pauses a run: calls that are out are recorded, no other goes out until it is resumed', async () => {
    const { node, participants, clock } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out', 'b/in']), 0);
    await coordinator.pause('g' as Gid, 'looking into it');
    slow.answer(success);
    await clock.advance(120_000);
    expect(participants.calls).toEqual(['01 action a/out']);
    expect(await look(coordinator, 'g')).toBe('submitted (paused), 01 action succeed');
    await coordinator.resume('g' as Gid);
    await settle();
    expect(await look(coordinator, 'g')).toBe('succeed, 01 action succeed, 02 action succeed');
  });

  test('stops a run by force: what is out is cancelled and its answer changes nothing', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    const submitted = follow(coordinator.submit(sagaRequest('g', ['a/out', 'b/in']), 5000));
    await settle();
    await coordinator.forceStop('g' as Gid, 'no longer wanted');
    await settle();
    expect(submitted.outcome).toBe('failure');
    expect(participants.cancelled).toBe(1);
    slow.answer(success);
    await settle();
    expect(participants.calls).toEqual(['01 action a/out']);
    expect(await look(coordinator, 'g')).toBe('failed');
  });

  test('retries now what waits for its back-off', async () => {
    const { node, participants } = await openWorld();
    let answers = 0;
    participants.when('a/out', () => ((answers += 1) < 2 ? unknown : success));
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out'], { retry_interval: 3600 }), 0);
    await settle();
    await coordinator.retryNow('g' as Gid);
    await settle();
    expect(await look(coordinator, 'g')).toBe('succeed, 01 action succeed');
  });

  test('wakes all that wait', async () => {
    const { node, participants, clock } = await openWorld();
    let isUp = false;
    participants.when('a/out', () => (isUp ? success : unknown));
    const coordinator = await node();
    for (let n = 0; n < 20; n += 1) {
      await coordinator.submit(sagaRequest(`g${String(n)}`, ['a/out'], { retry_interval: 3600 }), 0);
    }
    await settle();
    isUp = true;
    expect(await coordinator.wakeAll(0, 15)).toEqual({ woken: 15, hasMore: true });
    expect(await coordinator.wakeAll(0, 15)).toEqual({ woken: 5, hasMore: false });
    await clock.advance(100);
    for (let n = 0; n < 20; n += 1) expect(await look(coordinator, `g${String(n)}`)).toMatch(/^succeed/);
  });

  test('is told of a gid that does not exist', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await expect(coordinator.forceStop('none' as Gid, '')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(coordinator.retryNow('none' as Gid)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a repeat of a submit', () => {
  test('answers as the transaction stands, and runs nothing again', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out']), 5000);
    expect(await coordinator.submit(sagaRequest('g', ['a/out']), 5000)).toEqual({ kind: 'success' });
    expect(participants.calls).toHaveLength(1);
  });

  test('of a running transaction waits with the first', async () => {
    const { node, participants } = await openWorld();
    const slow = held();
    participants.when('a/out', slow.behaviour);
    const coordinator = await node();
    const both = [1, 2].map(() => follow(coordinator.submit(sagaRequest('g', ['a/out']), 5000)));
    await settle();
    slow.answer(success);
    await settle();
    expect(both.map((one) => one.outcome)).toEqual(['success', 'success']);
    expect(participants.calls).toHaveLength(1);
  });

  test('with other content is a conflict', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out']), 5000);
    await expect(coordinator.submit(sagaRequest('g', ['b/in']), 5000)).rejects.toMatchObject({
      code: 'CONFLICTING_REPEAT',
    });
  });

  test('of one that failed answers the failure to who waits', async () => {
    const { node, participants } = await openWorld();
    participants.when('a/out', () => failure);
    const coordinator = await node();
    await coordinator.submit(sagaRequest('g', ['a/out']), 5000);
    expect((await coordinator.submit(sagaRequest('g', ['a/out']), 5000)).kind).toBe('failure');
  });
});
