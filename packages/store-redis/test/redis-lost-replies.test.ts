import { openRedisStore, type RedisStore } from '@tandem/store-redis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from '../../../scripts/network/tcp-proxy.mjs';
import { commitOf, createOf, newPrefix, redisUrl, versionOf, writeOne } from './test-redis.js';

let proxy: TcpProxy;
/** Through the proxy. */
let url: string;
let store: RedisStore;
let straight: RedisStore;

describe.skipIf(redisUrl === undefined)('replies that get lost on the way (needs redis)', () => {
  beforeEach(async () => {
    const prefix = newPrefix();
    ({ proxy, url } = await TcpProxy.before(redisUrl ?? ''));
    straight = await openRedisStore({ url: redisUrl ?? '', prefix });
    store = await openRedisStore({ url, prefix, replyTimeoutMs: 1_000, retryForMs: 0 });
    await straight.write([createOf('g')]);
  });

  afterEach(async () => {
    await Promise.all([store.close(), straight.close()]);
    await proxy.close();
  });

  it('a write whose reply is lost fails, has happened, and reads as applied when it is written again', async () => {
    proxy.swallowReplies(true);
    const item = commitOf('g', 1, { rows: [{ branchId: '01', op: 'action', value: 'v' }] });
    await expect(writeOne(store, item)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('no answer within 1000 ms'),
    });
    expect(await versionOf(straight, 'g')).toBe(2);
    proxy.swallowReplies(false);
    expect(await writeOne(store, item)).toEqual({ kind: 'applied', version: 2, epoch: 0 });
    expect(await versionOf(straight, 'g')).toBe(2);
  });

  it('a write that is still on its way while it is written again happens once', async () => {
    proxy.holdRequests();
    const item = commitOf('g', 1);
    await expect(writeOne(store, item)).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.passNewRequests();
    expect(await writeOne(store, item)).toEqual({ kind: 'applied', version: 2, epoch: 0 });
    proxy.releaseRequests();
    // The answer to a later question comes after the late one was served: both are on their way to one server.
    await expect.poll(() => versionOf(store, 'g')).toBe(2);
    expect(await writeOne(store, commitOf('g', 2))).toEqual({ kind: 'applied', version: 3, epoch: 0 });
  });

  it('a write that arrives after others have written since changes nothing', async () => {
    proxy.holdRequests();
    await expect(writeOne(store, commitOf('g', 1, { token: 'late' }))).rejects.toMatchObject({ kind: 'unavailable' });
    await straight.write([commitOf('g', 1, { token: 'other' })]);
    proxy.releaseRequests();
    await straight.ping();
    proxy.passNewRequests();
    expect(await writeOne(store, commitOf('g', 1, { token: 'late' }))).toEqual({ kind: 'conflict' });
    expect(await versionOf(straight, 'g')).toBe(2);
  });

  it('a key-value whose reply is lost is not put again: a second try would find it taken', async () => {
    proxy.swallowReplies(true);
    await expect(store.putKeyValue('topic', 'k', 'v', 0, 1)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.getKeyValue('topic', 'k')).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.swallowReplies(false);
    expect(await store.getKeyValue('topic', 'k')).toMatchObject({ value: 'v', version: 1 });
  });

  it('a connection that a firewall has forgotten is given up after a while, and the call is tried again by itself', async () => {
    const patient = await openRedisStore({ url, prefix: newPrefix(), replyTimeoutMs: 300 });
    try {
      await patient.write([createOf('g')]);
      proxy.forgetConnections();
      expect(await writeOne(patient, commitOf('g', 1))).toEqual({ kind: 'applied', version: 2, epoch: 0 });
    } finally {
      await patient.close();
    }
  });

  it('a connection that breaks is opened anew, and the call is tried again by itself', async () => {
    const patient = await openRedisStore({ url, prefix: newPrefix() });
    try {
      await patient.write([createOf('g')]);
      for (let version = 1; version <= 5; version++) {
        const written = writeOne(patient, commitOf('g', version));
        proxy.cutClients();
        expect(await written).toEqual({ kind: 'applied', version: version + 1, epoch: 0 });
      }
      // What was sent once is not sent twice, unless it may be.
      const put = patient.putKeyValue('topic', 'k', 'v', 0, 1);
      proxy.cutClients();
      await expect(put).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      await patient.close();
    }
  });
});
