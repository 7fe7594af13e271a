/** What a server was set to for its sessions must not change what the store does. */
import type { RowDataPacket } from 'mysql2/promise';
import { commitOf, createOf } from '@tandem/store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mariadbUrl, MysqlPlace } from './mysql-place.js';

const needs = mariadbUrl === '' ? ' (needs TANDEM_TEST_MARIADB_URL)' : '';

describe.skipIf(mariadbUrl === '')(`a MariaDB with settings of its own${needs}`, () => {
  let place: MysqlPlace;
  let before: string[] = [];

  beforeEach(async () => {
    place = await MysqlPlace.open();
  });

  afterEach(async () => {
    for (const statement of before) await place.admin.query(statement);
    before = [];
    await place.close();
  });

  async function set(name: string, value: string): Promise<void> {
    const [rows] = await place.admin.query<RowDataPacket[]>(`SELECT @@GLOBAL.${name} AS value`);
    before.push(`SET GLOBAL ${name} = ${JSON.stringify(rows[0]?.['value'])}`);
    await place.admin.query(`SET GLOBAL ${name} = ${value}`);
  }

  it.each([
    ['autocommit', '0'],
    ['completion_type', '1'],
    ['sql_safe_updates', '1'],
    ['sql_select_limit', '1'],
    ['tx_isolation', `'SERIALIZABLE'`],
  ])('what is acknowledged is there for everybody with %s = %s', async (name, value) => {
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
});
