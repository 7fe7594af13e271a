/** Servers that take fewer connections than the stores on them would like to have. */
import { GroupCommit, type Store } from '@tandem/store';
import { createOf } from '@tandem/store/contract';
import { openMysqlStore } from '@tandem/store-sql/mysql';
import { openPostgresStore } from '@tandem/store-sql/postgres';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';

interface Engine {
  readonly name: string;
  readonly service: string;
  /** Takes ten connections. */
  readonly args: readonly string[];
  readonly open: (url: string) => Promise<Store>;
}

const engines: readonly Engine[] = [
  {
    name: 'PostgreSQL',
    service: 'postgres',
    args: ['-c', 'max_connections=10'],
    open: (url) => openPostgresStore({ url }),
  },
  {
    name: 'MariaDB',
    service: 'mariadb',
    args: ['--max-connections=10'],
    open: (url) => openMysqlStore({ url, connectionsMax: 8 }),
  },
];

describe.each(engines)('$name with room for ten connections', ({ service, args, open }) => {
  const variable = `TANDEM_TEST_${service.toUpperCase()}_PROGRAMS`;
  const hasPrograms = (process.env[variable] ?? '') !== '';
  const needs = hasPrograms ? '' : ` (needs ${variable})`;
  let instance: Instance | undefined;
  const stores: Store[] = [];

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await instance?.close();
    instance = undefined;
  });

  async function openStore(url: string): Promise<Store> {
    const store = await open(url);
    stores.push(store);
    await store.migrate();
    return store;
  }

  /** One alone cannot take all ten: nobody is left with none because another one idles on them. */
  async function openTwo(): Promise<readonly Store[]> {
    instance = await openInstance(service, args);
    const { url } = instance;
    await expect.poll(() => openStore(url).catch(() => undefined)).toBeDefined();
    return [...stores, await openStore(url)];
  }

  it.skipIf(!hasPrograms)(`fails no request of two stores that want more of them together${needs}`, async () => {
    const two = await openTwo();
    const requests = two.flatMap((store, node) => {
      const group = new GroupCommit(store);
      return Array.from({ length: 200 }, (_, index) => {
        const gid = `g-${String(node)}-${String(index)}`;
        return index % 2 === 0 ? group.write(createOf(gid)) : store.load([gid], 'all');
      });
    });
    const refused = (await Promise.allSettled(requests)).filter(({ status }) => status === 'rejected');
    expect(refused).toEqual([]);
  });

  it.skipIf(!hasPrograms)(`lets writes in where reads hold all that there is${needs}`, async () => {
    const all = await openTwo();
    for (const store of all) await Promise.all(Array.from({ length: 100 }, () => store.load(['g'], 'all')));
    for (const [node, store] of all.entries()) {
      expect(await store.write([createOf(`g${String(node)}`)])).toMatchObject([{ kind: 'applied' }]);
    }
  });
});
