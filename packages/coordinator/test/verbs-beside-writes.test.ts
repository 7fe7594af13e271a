/** Verbs that come while a change of their transaction is being written, or is refused by the store. */
import { describe, expect, test } from 'vitest';
import type { Gid } from '@tandem/protocol';
import { MemoryStore, UnreliableStore, type WriteItem } from '@tandem/store';
import {
  branchOf,
  codeOf,
  follow,
  held,
  look,
  messageRequest,
  openWorld,
  sagaRequest,
  settle,
  stepOf,
  twoPhaseRequest,
  verdictRequest,
  workflowRequest,
} from './virtual-world.js';

const gid = 'g' as Gid;

/** A store whose writes wait while it is held. */
class HeldStore extends MemoryStore {
  #held: Promise<void> | undefined;

  override async write(...asked: Parameters<MemoryStore['write']>): ReturnType<MemoryStore['write']> {
    await this.#held;
    return super.write(...asked);
  }

  /** Holds writes; answers what lets them go on. */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }
}

describe('who waits for the outcome is told it, and not that it is open,', () => {
  test('by a submit that comes while a registration is being written', async () => {
    const store = new HeldStore();
    const coordinator = await (await openWorld(store)).node();
    await coordinator.prepare(twoPhaseRequest('tcc', 'g', 'prepare'));
    const release = store.hold();
    const registered = coordinator.registerBranch(gid, branchOf('tcc', '01', 'a/seat'));
    await settle();
    const submitted = follow(coordinator.submit(twoPhaseRequest('tcc', 'g', 'submit'), 5_000));
    await settle();
    release();
    await registered;
    await settle();
    expect(submitted.outcome).toBe('success');
    expect(await look(coordinator, 'g')).toBe('succeed, 01 confirm succeed');
  });

  test('by a verdict that comes while a step is being written', async () => {
    const store = new HeldStore();
    const coordinator = await (await openWorld(store)).node();
    await coordinator.prepareWorkflow(workflowRequest('g'));
    const release = store.hold();
    void coordinator.registerBranch(gid, stepOf('01'));
    await settle();
    const submitted = follow(coordinator.submit(verdictRequest('g', { status: 'succeed' }), 5_000));
    await settle();
    release();
    await settle();
    expect(submitted.outcome).toBe('success');
  });

  test('by a submit that comes while the answer of a back-check is being written', async () => {
    const store = new HeldStore();
    const { node, participants, clock } = await openWorld(store);
    const check = held();
    participants.when('sender/check', check.behaviour);
    const coordinator = await node();
    const more = { timeout_to_fail: 1, request_timeout: 600 };
    await coordinator.prepare(messageRequest('g', ['a/in'], 'prepare', more));
    await clock.advance(5_000);
    const release = store.hold();
    check.answer({ kind: 'ongoing', reason: 'busy' });
    await settle();
    const submitted = follow(coordinator.submit(messageRequest('g', ['a/in'], 'submit'), 5_000));
    await settle();
    release();
    await settle();
    expect(submitted.outcome).toBe('success');
  });
});

/** Whatever else is ready comes before it, so many times over. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}

test('a workflow that was just created is not told of a step that is being written', async () => {
  // In every moment between the creation's becoming durable and its answer.
  for (let count = 0; count < 12; count += 1) {
    const store = new HeldStore();
    const coordinator = await (await openWorld(store)).node();
    const prepared = coordinator.prepareWorkflow(workflowRequest('g'));
    while (coordinator.stats().writes.items === 0) await Promise.resolve();
    await turns(count);
    const release = store.hold();
    const recorded = coordinator.registerBranch(gid, stepOf('01'));
    expect((await prepared).steps).toEqual([]);
    release();
    await recorded;
  }
});

describe('a change that the store refuses', () => {
  async function refusing(branchId: string) {
    const refuse = (item: WriteItem) =>
      item.rows.some((row) => row.branchId === branchId) ? 'row too large' : undefined;
    const store = new UnreliableStore(new MemoryStore(), { random: () => 0.5, refuse });
    const world = await openWorld(store);
    return { ...world, coordinator: await world.node() };
  }

  test('is told to the verb that asked for it, and leaves the transaction as it was', async () => {
    const { coordinator, participants, clock } = await refusing('02');
    await coordinator.prepare(twoPhaseRequest('tcc', 'g', 'prepare', { timeout_to_fail: 35 }));
    await coordinator.registerBranch(gid, branchOf('tcc', '01', 'a/seat'));
    expect(await codeOf(coordinator.registerBranch(gid, branchOf('tcc', '02', 'b/meal')))).toBe('LIMIT_EXCEEDED');
    await settle();
    expect(coordinator.stats().running).toBe(0);
    await coordinator.registerBranch(gid, branchOf('tcc', '03', 'c/car'));
    await clock.advance(36_000);
    expect(participants.calls).toEqual(['03 cancel c/car-no', '01 cancel a/seat-no']);
    expect(await look(coordinator, 'g')).toBe('failed, 01 cancel succeed, 03 cancel succeed');
  });
});

/** A store whose reads are answered late, with what was there when they were asked for. */
class LateReads extends MemoryStore {
  #held: Promise<void> | undefined;

  override async load(...asked: Parameters<MemoryStore['load']>): ReturnType<MemoryStore['load']> {
    const found = await super.load(...asked);
    await this.#held;
    return found;
  }

  /** Holds the answers; answers what lets them go on. */
  hold(): () => void {
    let release: () => void = () => undefined;
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }
}

test('what is created while an older read finds nothing runs at once, and the verb that read it is served', async () => {
  const store = new LateReads();
  const coordinator = await (await openWorld(store)).node();
  const release = store.hold();
  const retried = coordinator.retryNow(gid);
  await settle();
  const submitted = follow(coordinator.submit(sagaRequest('g', ['a/out']), 5_000));
  await settle();
  release();
  await retried;
  await settle();
  expect(submitted.outcome).toBe('success');
});
