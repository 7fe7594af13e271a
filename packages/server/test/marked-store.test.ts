import { expect, test } from 'vitest';
import { MemoryStore } from '@tandem/store';
import { createOf, headWith } from '@tandem/store/contract';
import { configOf, openLog, startServer } from '@tandem/server';
import { marksCategory } from '../src/moving/moving-marks.js';
import { readSlots } from '../src/nodes/node-slots.js';

/** One that can be looked at after it was closed. */
class WatchedStore extends MemoryStore {
  claims = 0;
  override claimDue(...[request]: Parameters<MemoryStore['claimDue']>): ReturnType<MemoryStore['claimDue']> {
    this.claims += 1;
    return super.claimDue(request);
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

test('a node that finds its store half of a copy has run nothing of it, and says that it has left', async () => {
  const store = new WatchedStore();
  const mark = { state: 'copying', source: 's', from: 'elsewhere', run: 'r', at: 1 };
  await store.putKeyValue(marksCategory, 'copy', JSON.stringify(mark), 0, 1);
  await store.write([createOf('u', { head: headWith({ dueAt: 1, createdAt: 1, updatedAt: 1 }) })]);
  const config = configOf({ httpPort: 0, grpcPort: 0 });
  const log = openLog('error', { write: () => undefined });
  await expect(startServer(config, { store, log })).rejects.toThrow('an unfinished copy of elsewhere');
  expect(store.claims).toBe(0);
  expect((await readSlots(store)).map(({ record }) => record?.hasLeft)).toEqual([true]);
});
