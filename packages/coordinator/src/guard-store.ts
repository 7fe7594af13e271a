import { TandemError } from '@tandem/protocol';
import { StoreError } from '@tandem/store';

/** Runs `work`; a store's fault becomes the error that callers know. */
export async function guardStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new TandemError('STORE_UNAVAILABLE', `the store is ${error.kind}; nothing was acknowledged`, {
      cause: error,
    });
  }
}
