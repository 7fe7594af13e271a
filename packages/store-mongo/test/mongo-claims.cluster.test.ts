import { createOf, headWith, newToken, noon } from '@tandem/store/contract';
import type { Store } from '@tandem/store';
import { openMongoStore } from '@tandem/store-mongo';
import { describe, expect, it } from 'vitest';
import { mongoUrl, withStore } from './test-database.js';

// FerretDB reads the whole collection for each claim, so that its time grows with the square: 3,000 have taken five minutes on a machine
// that had much else to do.
const isFerretdb = (process.env['TANDEM_TEST_MONGO_PROGRAMS'] ?? '') !== '';
const dueCount = isFerretdb ? 1_000 : 10_000;
const needs = mongoUrl === '' ? ' (needs TANDEM_TEST_MONGO_URL)' : '';

describe.runIf(mongoUrl !== '')(`MongoDB with much that is due${needs}`, () => {
  it(`of ${dueCount} due transactions four stores claim each once`, async () => {
    await withStore(async (first, { database }) => {
      const gids = Array.from({ length: dueCount }, (_, index) => `g${index}`);
      for (let start = 0; start < dueCount; start += 1000) {
        await first.write(
          gids
            .slice(start, start + 1000)
            .map((gid, index) => createOf(gid, { head: headWith({ dueAt: noon - dueCount + start + index }) })),
        );
      }
      const others = await Promise.all([1, 2, 3].map(() => openMongoStore({ url: mongoUrl, database })));
      try {
        const startedAt = Date.now();
        const claimed = (await Promise.all([first, ...others].map(claimAll))).flat();
        const seconds = (Date.now() - startedAt) / 1000;
        console.log(`four stores claimed ${dueCount} in ${seconds.toFixed(1)} s, ${Math.round(dueCount / seconds)}/s`);
        expect(claimed.toSorted()).toEqual(gids.toSorted());
      } finally {
        for (const store of others) await store.close();
      }
    });
  });
});

async function claimAll(store: Store, index: number): Promise<readonly string[]> {
  const claimed: string[] = [];
  for (;;) {
    const request = { now: noon, limit: 500, owner: `node-${index}`, leaseUntil: noon + 600_000, token: newToken() };
    const result = await store.claimDue(request);
    claimed.push(...result.claimed.map(({ head }) => head.gid));
    if (result.nextAt === undefined || result.nextAt > noon) return claimed;
  }
}
