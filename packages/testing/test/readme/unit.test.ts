// #region unit
import assert from 'node:assert/strict';
import { createTestCoordinator } from '@tandem/testing';
import { test } from 'vitest';
import { openShop } from './shop.js';

test('a seat that nobody pays for is let go after 35 seconds', async () => {
  const shop = openShop({ pieces: 5, euro: 100 });
  const coordinator = await createTestCoordinator({
    serve: { 'http://stock/hold': shop.take, 'http://stock/let-go': shop.giveBack },
  });
  try {
    void coordinator.client.tcc({ gid: 'seat-1' }, async (tcc) => {
      await tcc.branch('seat', { try: 'http://stock/hold', confirm: null, cancel: 'http://stock/let-go' });
      await new Promise(() => undefined); // it never decides
    });
    await coordinator.settle();
    assert.deepEqual(shop.books(), { pieces: 4, euro: 100 });
    await coordinator.advance('35s');
    assert.deepEqual(shop.books(), { pieces: 5, euro: 100 });
    assert.equal((await coordinator.client.query('seat-1'))?.status, 'failed');
  } finally {
    coordinator.close();
  }
});
// #endregion
