import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Barrier, BranchFailure, branchHandler, createClient, newGid } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTandem, type RunningCoordinator } from './coordinator-processes.js';
import type * as Example from './readme/redis.js';

const redisUrl = process.env['TANDEM_TEST_REDIS_URL'];

describe.skipIf(redisUrl === undefined)("the README's example of Redis (needs redis)", () => {
  let coordinator: RunningCoordinator;
  const created: unknown[] = [];
  let example: typeof Example;
  let shop: Server;
  let at: string;
  beforeAll(async () => {
    coordinator = await startTandem();
    Object.assign(process.env, { REDIS_URL: redisUrl, TANDEM_URL: coordinator.url });
    example = await import('./readme/redis.js');
    const { checkSale, giveBack, take, useCoupon } = example;
    const create = branchHandler(({ payload }) => created.push(payload));
    shop = createServer(
      nodeListener({
        '/take': take,
        '/give-back': giveBack,
        '/use': useCoupon,
        '/check': checkSale,
        '/create': create,
      }),
    ).listen(0, '127.0.0.1');
    await once(shop, 'listening');
    at = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
    Object.assign(process.env, { CHECK_URL: `${at}/check`, ORDERS_URL: at });
  });
  afterAll(async () => {
    example.client.disconnect();
    shop.close();
    shop.closeAllConnections();
    await coordinator.close();
  });

  const stockOf = async (item: string) => Number(await example.client.get(`stock:${item}`));
  const order = (item: string, pieces: number, code: string) =>
    createClient({ url: coordinator.url })
      .saga()
      .step('stock', { action: `${at}/take`, compensate: `${at}/give-back`, payload: { item, pieces } })
      .step('coupon', { action: `${at}/use`, compensate: null, payload: { code, order: 'o1' } })
      .submit({ waitResult: true });

  test('an order takes stock and a coupon, or neither', async () => {
    const [item, code] = [newGid(), newGid()];
    await example.client.set(`stock:${item}`, '3');
    await example.client.hset(`coupon:${code}`, 'state', 'free');
    await order(item, 2, code);
    await expect(order(item, 1, code)).rejects.toMatchObject({ reason: expect.stringContaining('used') as string });
    await expect(order(item, 2, 'none')).rejects.toMatchObject({
      reason: expect.stringContaining('sold out') as string,
    });
    expect(await stockOf(item)).toBe(1);
    expect(await example.client.hgetall(`coupon:${code}`)).toEqual({ state: 'used', order: 'o1' });
  });

  test('a sale sends its message, until nothing is left', async () => {
    const item = newGid();
    await example.client.set(`stock:${item}`, '1');
    const gid = newGid();
    expect(await example.sell(gid, item)).toMatchObject({ value: { done: true, value: 0 } });
    await expect.poll(() => created).toContainEqual({ order: gid, item });
    await expect(example.sell(newGid(), item)).rejects.toThrow(new BranchFailure('sold out'));
    expect(await stockOf(item)).toBe(0);
  });

  test('a process that dies before it submits is spoken for by the back-check', async () => {
    const item = newGid();
    const key = `stock:${item}`;
    await example.client.set(key, '5');
    const prepare = async (gid: string) => {
      const message = createClient({ url: coordinator.url })
        .message({ gid, firstCheckAfter: '1s', retry: { interval: '1s' } })
        .add(`${at}/create`, { item });
      await message.prepare(example.redis.checkUrl(`${at}/check?from=us`, key));
    };
    const sell = (gid: string) => {
      const barrier = new Barrier({ gid, transType: 'msg', branchId: '00', op: 'msg' });
      return example.redis.adjust(barrier, { key, by: -1, min: 0 });
    };
    const [sold, stalled] = [newGid(), newGid()];
    // Before it is prepared: no back-check comes earlier.
    await sell(sold);
    await Promise.all([prepare(sold), prepare(stalled)]);
    const statusOf = (gid: string) => createClient({ url: coordinator.url }).query(gid);
    await expect.poll(() => statusOf(sold)).toMatchObject({ status: 'succeed' });
    await expect.poll(() => statusOf(stalled)).toMatchObject({ status: 'failed' });
    await expect(sell(stalled)).rejects.toThrow(BranchFailure);
    expect(await stockOf(item)).toBe(4);
  });
});
