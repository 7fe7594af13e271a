/**
 * What a server was set to for its sessions must not change what the store does. On a server of the test's own: every other test
 * that connects to it meanwhile would have these settings too.
 */
import { commitOf, createOf } from '@tandem/store/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openInstance, type Instance } from '../../../scripts/services/instance.mjs';
import { MysqlPlace, type TestedEngine } from './mysql-place.js';

export function mysqlSettingsCases({ title, service, hasPrograms, needsPrograms }: TestedEngine): void {
  describe.skipIf(!hasPrograms)(`a ${title} with settings of its own${needsPrograms}`, () => {
    let instance: Instance;
    let place: MysqlPlace;
    const before: string[] = [];

    beforeAll(async () => {
      instance = await openInstance(service);
    });

    beforeEach(async () => {
      place = await opened(instance.url);
    });

    afterEach(async () => {
      for (const statement of before.splice(0)) await place.admin.query(statement);
      await place.close();
    });

    afterAll(async () => {
      await instance.close();
    });

    async function set(name: string, value: string): Promise<void> {
      before.push(`SET GLOBAL ${name} = DEFAULT`);
      await place.admin.query(`SET GLOBAL ${name} = ${value}`);
    }

    const settings: readonly (readonly [string, string])[] = [
      ['autocommit', '0'],
      ['completion_type', '1'],
      ['sql_safe_updates', '1'],
      ['sql_select_limit', '1'],
      ['sql_mode', `'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,PIPES_AS_CONCAT,ONLY_FULL_GROUP_BY,NO_AUTO_VALUE_ON_ZERO'`],
      [service === 'mariadb' ? 'tx_isolation' : 'transaction_isolation', `'SERIALIZABLE'`],
      ...(service === 'mysql' ? onlyOfMysql : []),
    ];

    it.each(settings)('what is acknowledged is there for everybody with %s = %s', async (name, value) => {
      const reader = await place.store();
      await set(name, value);
      const store = await place.store();
      const gids = ['a', 'b', 'c'];
      await store.write(gids.map((gid) => createOf(gid)));
      expect(await store.write([commitOf('a', 1)])).toMatchObject([{ kind: 'applied' }]);
      expect((await store.load(gids, 'all')).filter((one) => one !== undefined)).toHaveLength(3);
      expect((await reader.load(['a'], 'head'))[0]?.head.version).toBe(2);
      expect(await store.wake({ dueAfter: 0 }, 1, 3)).toBe(await reader.backlog(1).then(({ overdue }) => overdue));
    });

    it("the engine's clock is UTC, whatever the time zone of its sessions", async () => {
      await set('time_zone', `'+09:00'`);
      const { engineNow } = await (await place.store()).ping();
      expect(Math.abs((engineNow ?? 0) - Date.now())).toBeLessThan(60_000);
    });
  });
}

const onlyOfMysql = [
  ['sql_require_primary_key', '1'],
  ['sql_generate_invisible_primary_key', '1'],
  ['default_collation_for_utf8mb4', 'utf8mb4_general_ci'],
] as const;

/** It listens a moment before it takes connections. */
async function opened(url: string): Promise<MysqlPlace> {
  let place: MysqlPlace | undefined;
  await expect.poll(async () => (place = await MysqlPlace.open(url).catch(() => undefined))).toBeDefined();
  if (place === undefined) throw new Error('no server');
  return place;
}
