import { Barrier, BranchFailure, newGid, type Client } from '@tandem/client';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunningClient, StartClient } from './client-at.js';
import { startParticipant, type Participant } from './participant.js';

/**
 * What the client must do with any coordinator that speaks DTM's wire. `namesSteps`: its reasons begin with the number of the step, which
 * the client makes a name of.
 */
export function coordinatorCases(start: StartClient, { namesSteps = true } = {}): void {
  let running: RunningClient;
  let tandem: Client;
  let payer: Participant;
  let payee: Participant;

  beforeAll(async () => {
    running = await start();
    tandem = running.tandem;
    return () => running.close();
  });
  beforeEach(async () => {
    [payer, payee] = [await startParticipant(), await startParticipant()];
    return () => [payer, payee].forEach((participant) => participant.close());
  });

  const transfer = (options = {}) =>
    tandem
      .saga(options)
      .step('take', { action: `${payer.url}/add`, compensate: `${payer.url}/undo`, payload: { amount: -30 } })
      .step('give', { action: `${payee.url}/add`, compensate: `${payee.url}/undo`, payload: { amount: 30 } });

  const statusOf = async (gid: string): Promise<string | undefined> => (await tandem.query(gid))?.status;

  describe('a saga', () => {
    test('succeeds, and a wait tells so', async () => {
      expect(await transfer().submit({ waitResult: true })).toMatchObject({ status: 'succeed' });
      expect([payer.balance(), payee.balance()]).toEqual([-30, 30]);
    });

    test('is durable when submit resolves, and its outcome can be asked for', async () => {
      const { gid, status } = await transfer().submit();
      expect(status).toBe('submitted');
      await expect.poll(() => statusOf(gid)).toBe('succeed');
    });

    test('is rolled back when a branch refuses, and the reason reaches the caller', async () => {
      const saga = transfer().step('ship', {
        action: `${payee.url}/refuse`,
        compensate: `${payee.url}/undo`,
        payload: { amount: 1 },
      });
      const submitted = saga.submit({ waitResult: true });
      await expect(submitted).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', gid: saga.gid });
      await expect(submitted).rejects.toThrow(namesSteps ? /step "ship" refused: .*sold out/ : /sold out/);
      await expect.poll(() => statusOf(saga.gid)).toBe('failed');
      expect([payer.balance(), payee.balance()]).toEqual([0, 0]);
      expect(payee.calls).toContain('undo compensate 03 nothingToUndo');
      expect(payee.calls).toContain('undo compensate 02 done');
    });

    test('that still runs is neither a success nor a failure', async () => {
      const saga = tandem
        .saga({ retry: { interval: '1s' } })
        .step('wait', { action: `${payer.url}/ongoing`, compensate: `${payer.url}/undo` });
      await expect(saga.submit({ waitResult: true })).rejects.toMatchObject({ code: 'TRANSACTION_ONGOING' });
      await fetch(`${payer.url}/ready`, { method: 'POST' });
      await expect.poll(() => statusOf(saga.gid), { interval: 200 }).toBe('succeed');
    });

    test('repeated under its gid, has no second effect', async () => {
      const gid = newGid();
      await transfer({ gid }).submit({ waitResult: true });
      expect(await transfer({ gid }).submit({ waitResult: true })).toMatchObject({ gid, status: 'succeed' });
      expect([payer.balance(), payee.balance()]).toEqual([-30, 30]);
    });

    test('runs its steps side by side, in the order that they ask for', async () => {
      const at = (participant: Participant, amount: number) => ({
        action: `${participant.url}/add`,
        compensate: `${participant.url}/undo`,
        payload: { amount },
      });
      await tandem
        .saga({ concurrent: true })
        .step('a', at(payee, 1))
        .step('b', at(payee, 2))
        .step('c', { ...at(payee, 4), after: ['a', 'b'] })
        .submit({ waitResult: true });
      expect(payee.balance()).toBe(7);
      expect(payee.calls.at(-1)).toBe('add action 03 done');
    });

    test('keeps gids with signs in them, and hands branch headers on', async () => {
      const gid = `order/1 & =?%#é:@+${newGid()}`;
      await transfer({ gid, branchHeaders: { 'x-tenant': 'north' } }).submit({ waitResult: true });
      expect(await tandem.query(gid)).toMatchObject({ gid, type: 'saga', status: 'succeed' });
      expect(payee.lastHeaders().get('x-tenant')).toBe('north');
    });

    test('that nobody knows is not there', async () => {
      expect(await tandem.query(newGid())).toBeUndefined();
    });
  });

  describe('a message', () => {
    const message = (options = {}) => tandem.message(options).add(`${payee.url}/add`, { amount: 30 });
    const delivered = () => expect.poll(() => payee.balance(), { interval: 50 }).toBe(30);

    test('is delivered after its local transaction committed', async () => {
      const checkUrl = `${payer.url}/check`;
      const done = await message().doAndSubmit(checkUrl, (barrier) => payer.pay(barrier, 30), { waitResult: true });
      expect(done).toMatchObject({ status: 'succeed', value: { done: true, value: -30 } });
      expect([payer.balance(), payee.balance()]).toEqual([-30, 30]);
    });

    test('is aborted when the local transaction refuses', async () => {
      const refused = message();
      const done = refused.doAndSubmit(`${payer.url}/check`, () => {
        throw new BranchFailure('not enough money');
      });
      await expect(done).rejects.toThrow('not enough money');
      expect(await statusOf(refused.gid)).toBe('failed');
    });

    test('whose local transaction goes past its barrier is told so, and not delivered', async () => {
      const unguarded = message();
      const done = unguarded.doAndSubmit(`${payer.url}/check`, () => 'committed elsewhere');
      await expect(done).rejects.toMatchObject({ code: 'BARRIER_NOT_USED' });
      expect(await statusOf(unguarded.gid)).toBe('failed');
      expect(payee.balance()).toBe(0);
    });

    test('whose local transaction goes past its barrier is delivered where its back-check finds it', async () => {
      const gid = newGid();
      // As a repeat does that looks first, in the business tables, whether it has been done.
      await payer.pay(new Barrier({ gid, transType: 'msg', branchId: '00', op: 'msg' }), 30);
      const again = message({ gid }).doAndSubmit(`${payer.url}/check`, () => 'done before');
      expect(await again).toMatchObject({ value: 'done before' });
      await delivered();
    });

    test('is aborted when the local transaction throws and nothing committed', async () => {
      const broken = message();
      const done = broken.doAndSubmit(`${payer.url}/check`, () => Promise.reject(new Error('constraint violated')));
      await expect(done).rejects.toThrow('constraint violated');
      expect(await statusOf(broken.gid)).toBe('failed');
    });

    test('is delivered when the local transaction committed and its answer was lost', async () => {
      const lost = message();
      const done = lost.doAndSubmit(`${payer.url}/check`, async (barrier) => {
        await payer.pay(barrier, 30);
        throw new Error('connection lost');
      });
      await expect(done).rejects.toMatchObject({ code: 'LOCAL_TRANSACTION_UNCLEAR', decision: 'submitted' });
      await delivered();
    });

    test('is delivered when the sender dies after its commit: the coordinator asks the back-check', async () => {
      const orphan = message({ firstCheckAfter: '1s' });
      // Not after it is prepared, where a commit that is slow would come after the back-check, which bars it.
      await payer.pay(new Barrier({ gid: orphan.gid, transType: 'msg', branchId: '00', op: 'msg' }), 30);
      await orphan.prepare(`${payer.url}/check`);
      await delivered();
    });

    test('repeated by its sender after it was delivered, has no second effect', async () => {
      const gid = newGid();
      const send = () => message({ gid }).doAndSubmit(`${payer.url}/check`, (barrier) => payer.pay(barrier, 30));
      await send();
      await delivered();
      await expect.poll(() => statusOf(gid), { interval: 50 }).toBe('succeed');
      expect(await send()).toMatchObject({ gid, value: { done: false, skipped: 'repeated' } });
      expect([payer.balance(), payee.balance()]).toEqual([-30, 30]);
    });

    test('repeated by its sender after it was given up, has failed', async () => {
      const gid = newGid();
      await message({ gid }).prepare(`${payer.url}/check`);
      await message({ gid }).abort();
      const done = message({ gid }).doAndSubmit(`${payer.url}/check`, (barrier) => payer.pay(barrier, 30));
      await expect(done).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      expect(payer.balance()).toBe(0);
    });

    test('is given up when the sender dies before its commit', async () => {
      const orphan = message({ firstCheckAfter: '1s' });
      await orphan.prepare(`${payer.url}/check`);
      await expect.poll(() => statusOf(orphan.gid), { interval: 50 }).toBe('failed');
      expect(payee.balance()).toBe(0);
    });

    test('can be submitted without a local transaction, with a delay, and to a topic', async () => {
      const topic = `paid-${newGid()}`;
      await running.subscribe(topic, `${payee.url}/add`);
      const toSubscribers = tandem.message({ delay: '1s' }).addTopic(topic, { amount: 30 });
      let submittedAt = 0;
      // DTM's server takes some seconds to learn of a topic.
      const isSubmitted = () => {
        submittedAt = performance.now();
        return toSubscribers.submit().then(
          () => true,
          (error: unknown) => error,
        );
      };
      await expect.poll(isSubmitted, { interval: 200 }).toBe(true);
      await delivered();
      expect(payee.lastCallAt() - submittedAt).toBeGreaterThan(990);
    });
  });
}
