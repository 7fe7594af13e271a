import type { ScanFilter, Store, StoredHead } from '@tandem/store';

export const headsAtOnce = 500;

/** All heads that a filter finds, a page at a time. */
export async function* headPages(store: Store, filter: ScanFilter): AsyncGenerator<readonly StoredHead[]> {
  let cursor: string | undefined;
  do {
    const page = await store.scan(filter, cursor, headsAtOnce);
    if (page.heads.length > 0) yield page.heads;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
