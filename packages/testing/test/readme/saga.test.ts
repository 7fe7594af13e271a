// #region saga
import assert from 'node:assert/strict';
import { explore } from '@tandem/testing';
import { test } from 'vitest'; // or node:test, or Jest
import { openShop } from './shop.js';

test('an order takes tea and money, or neither, whatever breaks', async () => {
  await explore({
    // Before each run: services with databases of their own. They outlive every crash.
    setUp: ({ serve }) => {
      const shop = openShop({ pieces: 5, euro: 100 });
      serve({
        'http://stock/take': shop.take,
        'http://stock/give-back': shop.giveBack,
        'http://purse/charge': shop.charge,
        'http://purse/refund': shop.refund,
      });
      return shop;
    },
    // Your code.
    run: ({ client }) =>
      client
        .saga({ gid: 'order-1' })
        .step('tea', { action: 'http://stock/take', compensate: 'http://stock/give-back' })
        .step('money', { action: 'http://purse/charge', compensate: 'http://purse/refund' })
        .submit({ waitResult: true }),
    // When all has come to its end.
    invariant: (shop, { status }) => {
      const left = status === 'succeed' ? { pieces: 4, euro: 70 } : { pieces: 5, euro: 100 };
      assert.deepEqual(shop.books(), left);
    },
  });
});
// #endregion
