import type { Store } from '@tandem/store';

/** UTC ms by the clock of the store's engine, where it has one of its own. */
export async function storeTime(store: Store): Promise<number> {
  const { engineNow } = await store.ping();
  return engineNow ?? Date.now();
}
