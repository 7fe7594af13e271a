import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { branchOf, codeOf, held, look, openWorld, settle, success, twoPhaseRequest, unknown } from './virtual-world.js';

const gid = 'g' as Gid;
const prepare = (more: Record<string, unknown> = {}) => twoPhaseRequest('xa', 'g', 'prepare', more);
const submit = () => twoPhaseRequest('xa', 'g', 'submit');
const branch = (branchId: string, path: string) => branchOf('xa', branchId, path);

describe('an XA', () => {
  test('commits in the order of registration, one after the other, without a payload', async () => {
    const { node, participants } = await openWorld();
    const first = held();
    participants.when('a/seat', first.behaviour);
    const payloads: unknown[] = [];
    participants.when('b/meal', (call) => {
      payloads.push(call.payload);
      return success;
    });
    const coordinator = await node();
    await coordinator.prepare(prepare());
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.registerBranch(gid, branch('02', 'b/meal'));
    await coordinator.submit(submit(), 0);
    await settle();
    expect(participants.calls).toEqual(['01 commit a/seat']);
    first.answer(success);
    await settle();
    expect(participants.calls).toEqual(['01 commit a/seat', '02 commit b/meal']);
    expect(payloads).toEqual(['']);
    expect(await look(coordinator, 'g')).toBe('succeed, 01 commit succeed, 02 commit succeed');
  });

  test('rolls back all that is registered when it is aborted, and when its time is over', async () => {
    const { node, participants, clock } = await openWorld();
    const coordinator = await node();
    await coordinator.prepare(prepare({ timeout_to_fail: 5 }));
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await clock.advance(5_100);
    expect(participants.calls).toEqual(['01 rollback a/seat']);
    await coordinator.prepare(twoPhaseRequest('xa', 'h', 'prepare'));
    await coordinator.registerBranch('h' as Gid, branch('01', 'b/meal'));
    await coordinator.abort('h' as Gid, 'no', 5_000);
    expect(participants.calls).toEqual(['01 rollback a/seat', '01 rollback b/meal']);
    expect(await look(coordinator, 'h')).toMatch(/^failed/);
  });

  test('commits again until it gets a clear answer, and never rolls back instead', async () => {
    const { node, participants, clock } = await openWorld();
    let answers = 0;
    participants.when('a/seat', () => ((answers += 1) < 4 ? unknown : success));
    const coordinator = await node();
    await coordinator.prepare(prepare({ timeout_to_fail: 5, retry_interval: 10 }));
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.submit(submit(), 0);
    await clock.advance(100_000);
    expect(participants.calls).toEqual(Array(4).fill('01 commit a/seat'));
    expect(await look(coordinator, 'g')).toMatch(/^succeed/);
  });

  test('is paused by its limit of retries, and says where work is left when it is stopped', async () => {
    const { node, participants, clock } = await openWorld();
    participants.when('a/seat', () => unknown);
    const coordinator = await node();
    await coordinator.prepare(prepare({ retry_limit: 1, retry_interval: 10 }));
    await coordinator.registerBranch(gid, branch('01', 'a/seat'));
    await coordinator.registerBranch(gid, branch('02', 'b/meal'));
    await coordinator.submit(submit(), 0);
    await clock.advance(60_000);
    expect(await look(coordinator, 'g')).toBe('submitted (paused), 01 commit prepared, 02 commit succeed');
    await coordinator.forceStop(gid, 'by hand');
    const reason = 'by hand (may still be prepared in their databases: branches 01)';
    expect((await coordinator.query(gid))?.head.state.reason).toBe(reason);
    expect(await codeOf(coordinator.resume(gid))).toBe('WRONG_STATUS');
  });
});
