import { BranchOngoing, branchHandler } from '@tandem/client';
import { createWorkflows } from '@tandem/client/workflow';
import { createTestCoordinator, NotQuiet, type TestCoordinator } from '@tandem/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { orderSaga, Shop, urls } from './shop.js';

const order = { pieces: 1, price: 30 };

describe('a coordinator for unit tests', () => {
  let coordinator: TestCoordinator;
  let shop: Shop;
  beforeEach(async () => {
    shop = new Shop();
    coordinator = await createTestCoordinator({ serve: shop.handlers(), startAt: new Date('2030-01-01T00:00:00Z') });
  });
  afterEach(() => {
    coordinator.close();
  });

  test('runs a saga without any time passing', async () => {
    await expect(orderSaga(coordinator.client, order).submit({ waitResult: true })).resolves.toMatchObject({
      status: 'succeed',
    });
    expect(shop.books()).toEqual({ pieces: 4, euro: 70 });
    expect(new Date(coordinator.now).toISOString()).toBe('2030-01-01T00:00:00.000Z');
    expect(coordinator.gids()).toEqual(['order-1']);
  });

  test('calls again after a pause in virtual time, and tells what it waits for', async () => {
    let calls = 0;
    const take = branchHandler(() => {
      calls += 1;
      if (calls < 3) throw new BranchOngoing('not yet');
    });
    coordinator.serve({ [urls.take]: take });
    await orderSaga(coordinator.client, order).submit();
    await coordinator.settle();
    expect(calls).toBe(1);
    await coordinator.advance('9s');
    expect(calls).toBe(1);
    await coordinator.advance('1s');
    expect(calls).toBe(2);
    const branches = (await coordinator.transaction('order-1'))?.branches ?? [];
    expect(branches.find(({ op, url }) => op === 'action' && url === urls.take)?.row?.reason).toContain('not yet');
    await coordinator.quiet();
    expect(calls).toBe(3);
    expect(coordinator.story().at(-1)).toMatch(/^ +20s {2}write of saga succeed, 02 action$/);
  });

  test('goes on after a crash, with what was durable', async () => {
    const take = branchHandler(() => {
      coordinator.crash();
    });
    coordinator.serve({ [urls.take]: take });
    await orderSaga(coordinator.client, order).submit();
    await coordinator.settle();
    coordinator.serve(shop.handlers());
    await coordinator.quiet();
    expect(shop.books()).toEqual({ pieces: 4, euro: 70 });
  });

  test('lets a workflow sleep for days in no time, and its code see the days pass', async () => {
    const workflows = createWorkflows(coordinator.client, { url: 'http://orders/workflow' });
    coordinator.serve({ 'http://orders/workflow': workflows.handler });
    const seen: string[] = [];
    const withdrawable = workflows.define('withdrawable', async (wf) => {
      await wf.do('before', () => void seen.push(new Date().toISOString()));
      await wf.sleep('time to withdraw', '3d');
      await wf.do('after', () => void seen.push(new Date().toISOString(), typeof Date(), String(Date.now())));
    });
    await withdrawable.start(undefined, { gid: 'order-1' });
    await coordinator.quiet();
    const [before, after, , now] = seen;
    expect([before, after]).toEqual([expect.stringMatching(/^20/), expect.stringMatching('2030-01-04T00:00:0')]);
    expect(Number(now)).toBe(Date.parse(after ?? ''));
    // Here, outside of its code, it is the machine's time.
    expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(86_400_000);
  });

  test('says what it waits for, where that never comes', async () => {
    coordinator.serve({
      [urls.take]: branchHandler(() => Promise.reject(new Error('broken')), { onError: () => undefined }),
    });
    await orderSaga(coordinator.client, order).submit();
    const failure = await coordinator.quiet().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotQuiet);
    expect(String(failure)).toMatch(
      /after 500 calls.*the saga is submitted, action of branch 01 at http:\/\/stock\/take gave no clear answer \d+ times: HTTP 500/,
    );
  });

  test('refuses to call what is not served, and to serve what is no URL', async () => {
    await coordinator.client.saga().step('x', { action: 'http://nowhere/x', compensate: null }).submit();
    await expect(coordinator.settle()).rejects.toThrow(/nothing is served at http:\/\/nowhere\/x: serve\(/);
    expect(() => coordinator.serve({ take: shop.right('take') })).toThrow(/not at "take"/);
  });
});
