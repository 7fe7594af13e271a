import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { UnreliableStore } from '@tandem/store';
import {
  codeOf,
  CountingStore,
  failure,
  held,
  look,
  openWorld,
  settle,
  stepOf,
  success,
  twoPhaseRequest,
  unknown,
  verdictRequest,
  workflowRequest,
} from './virtual-world.js';

const gid = 'g' as Gid;
const succeeds = () => verdictRequest('g', { status: 'succeed', result: 'b3V0' });
const fails = () => verdictRequest('g', { status: 'failed', rollback_reason: 'no money' });

describe('a workflow', () => {
  test('records steps, ends as its code says, and keeps all that it recorded', async () => {
    const { node, participants } = await openWorld();
    const coordinator = await node();
    expect(await coordinator.prepareWorkflow(workflowRequest('g'))).toMatchObject({ steps: [], result: '' });
    await coordinator.registerBranch(gid, stepOf('01', 'one'));
    await coordinator.registerBranch(gid, stepOf('02', 'two', 'failed'));
    expect(await coordinator.submit(succeeds(), 5_000)).toEqual({ kind: 'success' });
    const progress = await coordinator.prepareWorkflow(workflowRequest('g'));
    expect(progress).toMatchObject({
      head: { status: 'succeed' },
      result: 'b3V0',
      steps: [
        { branchId: '01', op: 'action', status: 'succeed', payload: 'one' },
        { branchId: '02', op: 'action', status: 'failed', payload: 'two' },
      ],
    });
    expect(participants.calls).toEqual([]);
  });

  test('answers how far it is to whoever runs its code again', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepareWorkflow(workflowRequest('g'));
    await coordinator.registerBranch(gid, stepOf('01', 'one'));
    const progress = await coordinator.prepareWorkflow(workflowRequest('g'));
    expect(progress.head.status).toBe('prepared');
    expect(progress.steps.map(({ branchId, payload }) => [branchId, payload])).toEqual([['01', 'one']]);
  });

  test('is refused by a rejection, and not thrown at its caller, while its coordinator shuts down', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.close();
    const progress = coordinator.prepareWorkflow(workflowRequest('g'));
    await expect(progress).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  test('fails with its reason, and says so to whoever waits', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    await coordinator.prepareWorkflow(workflowRequest('g'));
    expect(await coordinator.submit(fails(), 5_000)).toEqual({ kind: 'failure', reason: 'no money' });
    expect(await codeOf(coordinator.submit(succeeds(), 0))).toBe('WRONG_STATUS');
    expect(await codeOf(coordinator.submit(fails(), 0))).toBe('done');
    expect(await codeOf(coordinator.registerBranch(gid, stepOf('01')))).toBe('ALREADY_FINISHED');
  });

  test('is resumed at its service when nothing was heard of it, and ends when its code submits', async () => {
    const { node, participants, clock } = await openWorld();
    const coordinator = await node();
    participants.when('sender/wf', async (call) => {
      expect([call.wireOp, call.branchId, call.op, call.timeoutMs]).toEqual(['wf', '00', 'resume', 60_000]);
      expect(call.payload).toEqual(new TextEncoder().encode('in'));
      await coordinator.submit(succeeds(), 0);
      return success;
    });
    await coordinator.prepareWorkflow(workflowRequest('g', { retry_interval: 7 }));
    await clock.advance(6_900);
    expect(participants.calls).toEqual([]);
    await clock.advance(200);
    expect(participants.calls).toEqual(['00 resume sender/wf']);
    expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  });

  test('is resumed further and further apart while its service fails, whatever it answers', async () => {
    const { node, participants, clock } = await openWorld();
    const answers = [unknown, failure, success];
    const times: number[] = [];
    const startedAt = clock.now();
    participants.when('sender/wf', () => {
      times.push(Math.round((clock.now() - startedAt) / 1000));
      return answers[times.length % 3] ?? unknown;
    });
    const coordinator = await node();
    await coordinator.prepareWorkflow(workflowRequest('g', { retry_interval: 10, retry: { jitter: 0 } }));
    await clock.advance(150_000);
    expect(times).toEqual([10, 20, 40, 80]);
    expect(await look(coordinator, 'g')).toBe('prepared, 00 resume prepared');
  });

  test('is not started a second time while a resumed execution works, however long it takes', async () => {
    const { node, participants, clock } = await openWorld();
    const working = held();
    participants.when('sender/wf', working.behaviour);
    const coordinator = await node();
    await coordinator.prepareWorkflow(workflowRequest('g', { retry_interval: 10 }));
    await clock.advance(10_000);
    expect(working.waiting).toBe(1);
    for (let step = 1; step <= 10; step += 1) {
      await clock.advance(5_000);
      await coordinator.registerBranch(gid, stepOf(`0${String(step)}`));
    }
    await coordinator.submit(succeeds(), 0);
    working.answer(success);
    await clock.advance(60_000);
    expect(participants.calls).toEqual(['00 resume sender/wf']);
    expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  });

  test('is not resumed while its steps keep coming, at whichever node', async () => {
    const { node, participants, clock } = await openWorld();
    const nodes = [await node(), await node()];
    await nodes[0]?.prepareWorkflow(workflowRequest('g', { retry_interval: 10 }));
    for (let step = 1; step <= 12; step += 1) {
      await clock.advance(9_000);
      await nodes[step % 2]?.registerBranch(gid, stepOf(`0${String(step)}`));
    }
    expect(participants.calls).toEqual([]);
    await clock.advance(10_100);
    expect(participants.calls).toEqual(['00 resume sender/wf']);
  });

  test('is not resumed at once because another workflow of its service got an answer again', async () => {
    const { node, participants, clock } = await openWorld();
    let isUp = false;
    participants.when('sender/wf', () =>
      isUp ? unknown : { kind: 'unknown', reason: 'refused', isUnreachable: true },
    );
    const coordinator = await node({ breakerFailures: 1 });
    await coordinator.prepareWorkflow(workflowRequest('other', { retry_interval: 5 }));
    await clock.advance(5_100);
    await coordinator.prepareWorkflow(workflowRequest('g', { retry_interval: 3600 }));
    await coordinator.registerBranch(gid, stepOf('01'));
    const before = (await coordinator.query(gid))?.version;
    isUp = true;
    await clock.advance(60_000);
    expect((await coordinator.query(gid))?.version).toBe(before);
  });

  test('is taken over by another node when the first is gone, and resumed once', async () => {
    const { node, participants, clock, store } = await openWorld();
    const gone = new UnreliableStore(store, { random: () => 0.5 });
    const working = held();
    participants.when('sender/wf', working.behaviour);
    const first = await node({}, gone);
    await first.prepareWorkflow(workflowRequest('g', { retry_interval: 10 }));
    await first.registerBranch(gid, stepOf('01'));
    gone.isUnavailable = true;
    const second = await node();
    // Its code goes on, and finds the other node.
    await clock.advance(9_000);
    await second.registerBranch(gid, stepOf('02'));
    await clock.advance(9_000);
    expect(participants.calls).toEqual([]);
    await clock.advance(1_500);
    expect(participants.calls).toEqual(['00 resume sender/wf']);
    await second.registerBranch(gid, stepOf('03'));
    await clock.advance(30_000);
    expect(participants.calls).toHaveLength(1);
    await second.submit(succeeds(), 0);
    working.answer(success);
    await clock.advance(60_000);
    expect(participants.calls).toHaveLength(1);
    expect(await look(second, 'g')).toMatch(/^succeed/);
  });

  test('keeps the first of two results of one step, and tells the other execution', async () => {
    const { node } = await openWorld();
    const [first, second] = [await node(), await node()];
    await first.prepareWorkflow(workflowRequest('g'));
    await second.prepareWorkflow(workflowRequest('g'));
    const results = await Promise.all([
      codeOf(first.registerBranch(gid, stepOf('01', 'one'))),
      codeOf(second.registerBranch(gid, stepOf('01', 'another'))),
    ]);
    expect([...results].sort()).toEqual(['STEP_ALREADY_RECORDED', 'done']);
    const kept = results[0] === 'done' ? 'one' : 'another';
    const progress = await first.prepareWorkflow(workflowRequest('g'));
    expect(progress.steps.map(({ payload }) => payload)).toEqual([kept]);
    expect(await codeOf(first.registerBranch(gid, stepOf('01', kept)))).toBe('done');
  });

  test('is refused what only other types have, and unknown before its prepare', async () => {
    const { node } = await openWorld();
    const coordinator = await node();
    expect(await codeOf(coordinator.submit(succeeds(), 0))).toBe('NOT_FOUND');
    expect(await codeOf(coordinator.registerBranch(gid, stepOf('01')))).toBe('NOT_FOUND');
    await coordinator.prepareWorkflow(workflowRequest('g'));
    expect(await codeOf(coordinator.abort(gid, ''))).toBe('WRONG_STATUS');
    await coordinator.prepare(twoPhaseRequest('tcc', 't', 'prepare'));
    expect(await codeOf(coordinator.prepareWorkflow(workflowRequest('t')))).toBe('CONFLICTING_REPEAT');
    expect(await codeOf(coordinator.prepareWorkflow(twoPhaseRequest('tcc', 'u', 'prepare')))).toBe('INVALID_REQUEST');
    expect(await look(coordinator, 'u')).toBe('none');
  });

  test('costs at step 1,000 what it cost at step 10', async () => {
    const store = new CountingStore();
    const { node, clock } = await openWorld(store);
    const coordinator = await node();
    await coordinator.prepareWorkflow(workflowRequest('g'));
    const costs: unknown[] = [];
    for (let step = 1; step <= 1_000; step += 1) {
      // One second a step: longer than what is known stays fresh, and than a claim's interval.
      await clock.advance(200);
      costs.push(await store.cost(() => coordinator.registerBranch(gid, stepOf(String(step).padStart(2, '0'), 'x'))));
    }
    expect(new Set(costs.map((cost) => JSON.stringify(cost)))).toEqual(new Set(['{"loads":0,"items":1,"rows":2}']));
    expect(await store.cost(() => coordinator.submit(succeeds(), 5_000))).toEqual({ loads: 0, items: 1, rows: 1 });
  });

  test('goes on where a pause of an operator held it', async () => {
    const { node, participants, clock } = await openWorld();
    const coordinator = await node();
    await coordinator.prepareWorkflow(workflowRequest('g', { retry_interval: 10 }));
    await coordinator.pause(gid, '');
    await clock.advance(60_000);
    expect(participants.calls).toEqual([]);
    participants.when('sender/wf', held().behaviour);
    await coordinator.resume(gid);
    await settle();
    expect(participants.calls).toEqual(['00 resume sender/wf']);
  });
});
