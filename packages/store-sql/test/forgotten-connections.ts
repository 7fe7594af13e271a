import type { Store } from '@tandem/store';
import { commitOf, createOf } from '@tandem/store/contract';
import { expect } from 'vitest';
import type { TcpProxy } from '../../../scripts/network/tcp-proxy.mjs';

/** Whom a firewall has forgotten hears nothing: one wait tells of it, and the other connections that it most likely struck are not waited for. */
export async function forgottenCostOneWait(store: Store, proxy: TcpProxy): Promise<void> {
  const loads = () => Promise.all(Array.from({ length: 6 }, () => store.load(['g'], 'all')));
  await loads();
  await store.write([createOf('g')]);
  proxy.forgetConnections();
  // The first read finds out, and is tried again.
  expect((await store.load(['g'], 'head'))[0]?.head.version).toBe(1);
  const lost = proxy.requestsToNobody;
  await loads();
  expect(await store.write([commitOf('g', 1)])).toMatchObject([{ kind: 'applied' }]);
  expect([lost, proxy.requestsToNobody]).toEqual([1, 1]);
}
