/** Fills a store with due sagas that nobody holds. Arguments: its URL, how many. */
import { openStore } from './open-store.mjs';
import { createItem } from './saga-items.mjs';

const [url = '', count = '0'] = process.argv.slice(2);
const store = await openStore(url);
const { itemsMax } = store.batchLimits;
const now = Date.now() - 60_000;
for (let from = 0; from < Number(count); from += itemsMax) {
  const length = Math.min(itemsMax, Number(count) - from);
  const items = Array.from({ length }, (_, index) =>
    createItem(`due-${String(from + index).padStart(9, '0')}`, now, undefined),
  );
  const results = await store.write(items);
  if (results.some(({ kind }) => kind !== 'applied')) throw new Error('a due transaction was not written');
}
await store.close();
