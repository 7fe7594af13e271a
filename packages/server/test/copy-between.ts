/** What the tests of copies share. */
import type { Store } from '@tandem/store';
import type { CopyReport } from '../src/moving/copy-report.js';
import { copyStore, type CopyOptions } from '../src/moving/copy-store.js';
import { readMarks, whyNotToServe } from '../src/moving/moving-marks.js';
import { StoreSource } from '../src/moving/store-source.js';

/** What is not said is whole, from `source` to `target`, with nobody who follows it. */
export type CopyRequest = Partial<CopyOptions> & { readonly from?: Store };

export function copyBetween(source: Store, target: Store, more: CopyRequest): Promise<CopyReport> {
  const { from = source, ...options } = more;
  return copyStore({
    source: new StoreSource('source', from),
    target,
    targetShown: 'target',
    isFinishedOnly: false,
    progress: () => undefined,
    ...options,
  });
}

/** Whether nodes may start on a store, without making it one that is used. */
export async function serves(store: Store): Promise<boolean> {
  return whyNotToServe(await readMarks(store)) === undefined;
}
