// #region workflow
import assert from 'node:assert/strict';
import { createWorkflows } from '@tandem/client/workflow';
import { explore } from '@tandem/testing';
import { test } from 'vitest';
import { openShop } from './shop.js';

test('an order that may be withdrawn for three days', async () => {
  await explore({
    setUp: ({ serve }) => {
      const shop = openShop({ pieces: 5, euro: 100 });
      serve({
        'http://stock/take': shop.take,
        'http://stock/give-back': shop.giveBack,
        'http://purse/charge': shop.charge,
      });
      return shop;
    },
    // The start of your process, again after each crash: what its workflows remember has died with it.
    start: ({ client, serve }) => {
      const workflows = createWorkflows(client, { url: 'http://orders/workflow' });
      serve({ 'http://orders/workflow': workflows.handler });
      return workflows.define('place-order', async (wf) => {
        await wf.call('tea', { url: 'http://stock/take', onRollback: 'http://stock/give-back' });
        await wf.sleep('time to withdraw', '3d');
        await wf.call('money', { url: 'http://purse/charge' });
      });
    },
    run: ({ app: placeOrder }) => placeOrder.run(undefined, { gid: 'order-1' }),
    repeat: true, // by its gid: after a crash, and when the outcome was not clear
    invariant: (shop, { status }) => {
      const left = status === 'succeed' ? { pieces: 4, euro: 70 } : { pieces: 5, euro: 100 };
      assert.deepEqual(shop.books(), left);
    },
  });
});
// #endregion
