import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, newGid } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { describe, expect, test } from 'vitest';
import { startTandem } from './coordinator-processes.js';
import { startParticipant } from './participant.js';

const mongoUrl = process.env['TANDEM_TEST_MONGO_URL'];

describe.skipIf(mongoUrl === undefined)("the README's MongoDB (not run without TANDEM_TEST_MONGO_URL)", () => {
  test('takes and gives back once, refuses, and places an order with its message', async () => {
    const [coordinator, stock] = await Promise.all([startTandem(), startParticipant()]);
    Object.assign(process.env, {
      TANDEM_URL: coordinator.url,
      MONGODB_URL: mongoUrl,
      MONGODB_DATABASE: `tandem_readme_${String(process.pid)}`,
      STOCK_URL: stock.url,
    });
    const { checkOrder, clean, db, giveBack, mongo, placeOrder, take } = await import('./readme/mongodb.js');
    const server = createServer(nodeListener({ '/take': take, '/give': giveBack, '/check': checkOrder }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const here = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    process.env['CHECK_URL'] = `${here}/check`;
    const tandem = createClient({ url: coordinator.url });
    try {
      const shelf = db.collection<{ _id: string; pieces: number }>('shelf');
      await shelf.insertOne({ _id: 'tea', pieces: 5 });
      const sell = (pieces: number, last: string): Promise<unknown> =>
        tandem
          .saga()
          .step('take', { action: `${here}/take`, compensate: `${here}/give`, payload: { item: 'tea', pieces } })
          .step('more', { action: `${here}/take`, compensate: `${here}/give`, payload: { item: last, pieces: 1 } })
          .submit({ waitResult: true });
      await sell(2, 'tea');
      await expect(sell(3, 'tea')).rejects.toMatchObject({
        reason: expect.stringContaining('too few of tea') as string,
      });
      await expect(sell(1, 'gin')).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
      expect(await shelf.findOne({ _id: 'tea' })).toMatchObject({ pieces: 2 });

      expect(await placeOrder('1', 'tea')).toMatchObject({ gid: 'order-1', value: { done: true } });
      expect(await db.collection<{ _id: string }>('order').findOne({ _id: '1' })).toMatchObject({ state: 'new' });
      const checked = newGid();
      const late = tandem.message({ gid: checked, firstCheckAfter: '100ms' }).add(`${stock.url}/reserve`, {});
      // Prepared, and then its process dies: the coordinator asks, by the URL that names the order.
      await late.prepare(`${here}/check?barrier_key=%22none%22`);
      await expect.poll(async () => (await tandem.query(checked))?.status).toBe('failed');
      expect(await clean()).toBe(0);
    } finally {
      server.close();
      server.closeAllConnections();
      stock.close();
      await db.dropDatabase();
      await mongo.close();
      await coordinator.close();
    }
  });
});
