import { MemoryStore, type Store } from '@tandem/store';
import { compareStores, storeContract } from '@tandem/store/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mariadb, mysql, MysqlPlace, type TestedEngine } from './mysql-place.js';

contractOn(mariadb);
contractOn(mysql);

function contractOn({ title, url, needsUrl }: TestedEngine): void {
  describe.skipIf(url === '')(`${title}${needsUrl}`, () => {
    let place: MysqlPlace;
    let store: Store;

    beforeAll(async () => {
      place = await MysqlPlace.open(url);
    });

    beforeEach(async () => {
      // A case may close its store.
      store = await place.store();
      await place.clear();
    });

    afterEach(async () => {
      await store.close();
    });

    afterAll(async () => {
      await place.close();
    });

    it.each(storeContract)('$name', async ({ run }) => {
      await run(store);
    });

    // Small batches have a statement for each item, large ones a statement for all.
    it.each([
      { seed: 1, fewMax: 12 },
      { seed: 2, fewMax: 12 },
      { seed: 3, fewMax: 3 },
      { seed: 4, fewMax: 3 },
      { seed: 5, fewMax: 0 },
      { seed: 6, fewMax: 0 },
    ])('answers like the memory store, seed $seed, up to $fewMax statements', async ({ seed, fewMax }) => {
      const compared = await place.store({ fewMax });
      await compareStores(new MemoryStore(), compared, { seed, steps: 300 });
      expect((await compared.backlog(0)).unfinished).toBeGreaterThan(0);
    });
  });
}
