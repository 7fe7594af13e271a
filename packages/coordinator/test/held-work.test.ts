import { MemoryStore, type ClaimRequest, type ClaimResult } from '@tandem/store';
import { expect, test } from 'vitest';
import { openWorld } from './virtual-world.js';

/** Something is due, and another claimant, or a writer that was cut off, holds its record. */
class HeldStore extends MemoryStore {
  claims = 0;

  override claimDue({ now }: ClaimRequest): Promise<ClaimResult> {
    this.claims++;
    if (this.claims > 1_000) return new Promise(() => undefined);
    return Promise.resolve({ claimed: [], nextAt: now });
  }
}

test('what is due but held by another is looked for again soon, and not without a pause', async () => {
  const store = new HeldStore();
  const { node, clock } = await openWorld(store);
  await node();
  await clock.advance(1_000);
  expect(store.claims).toBeGreaterThan(20);
  expect(store.claims).toBeLessThan(60);
});
