/** What a server, a database or a user was set to must not change what the store does. */
import type { Store } from '@tandem/store';
import { commitOf, createOf, headWith, newToken, noon } from '@tandem/store/contract';
import { openPostgresStore, type PostgresStoreOptions } from '@tandem/store-sql/postgres';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { administer, postgresUrl } from './postgres-place.js';

const needs = postgresUrl === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : '';

describe.skipIf(postgresUrl === '')(`a PostgreSQL database with settings of its own${needs}`, () => {
  let name = '';
  let url = '';
  let stores: Store[] = [];

  beforeEach(async () => {
    name = `tandem_test_${randomBytes(6).toString('hex')}`;
    await administer((client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`));
    const own = new URL(postgresUrl);
    own.pathname = `/${name}`;
    url = own.href;
  });

  afterEach(async () => {
    for (const store of stores) await store.close();
    stores = [];
    await administer((client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  });

  async function openStore(options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
    const store = await openPostgresStore({ url, ...options });
    stores.push(store);
    await store.migrate();
    return store;
  }

  async function set(setting: string): Promise<void> {
    await administer((client) => client.query(`ALTER DATABASE ${name} SET ${setting}`));
  }

  it.each(['repeatable read', 'serializable'])(
    'claims and wakes do not fail each other where the default is %s',
    async (level) => {
      await set(`default_transaction_isolation = '${level}'`);
      const four = [await openStore(), await openStore(), await openStore(), await openStore()];
      const gids = Array.from({ length: 400 }, (_, index) => `g${index}`);
      await four[0]?.write(gids.map((gid) => createOf(gid, { head: headWith({ dueAt: noon, waitsFor: 't' }) })));
      const claimed: string[] = [];
      const claimAll = async (store: Store): Promise<void> => {
        for (;;) {
          const token = newToken();
          const answer = await store.claimDue({ now: noon, limit: 5, owner: token, leaseUntil: noon + 1_000, token });
          if (answer.claimed.length === 0) return;
          claimed.push(...answer.claimed.map(({ head }) => head.gid));
          await store.wake({ waitsFor: 't', dueAfter: noon - 1 }, noon - 1, 3);
        }
      };
      await Promise.all(four.map(claimAll));
      expect(claimed.sort()).toEqual(gids.sort());
    },
  );

  it('a column that becomes wider under statements that are prepared fails no write for long', async () => {
    const store = await openStore({ batchLimits: { batchesMax: 1 } });
    await store.write([createOf('g')]);
    expect(await store.write([commitOf('g', 1)])).toMatchObject([{ kind: 'applied' }]);
    expect((await store.load(['g'], 'head'))[0]?.head.version).toBe(2);
    await administer(
      (client) => client.query('ALTER TABLE tandem.tx ALTER epoch TYPE bigint, ALTER version TYPE bigint'),
      url,
    );
    expect(await store.write([commitOf('g', 2)])).toMatchObject([{ kind: 'applied' }]);
    expect((await store.load(['g'], 'head'))[0]?.head.version).toBe(3);
  });

  it('a store that may have two connections has two', async () => {
    const store = await openStore({ connectionsMax: 2 });
    const gids = Array.from({ length: 40 }, (_, index) => `g${index}`);
    await Promise.all(
      gids.flatMap((gid) => [store.write([createOf(gid)]), store.load([gid], 'all'), store.backlog(noon)]),
    );
    const count = await administer(async (client) => {
      const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1 AND application_name = 'tandem'`;
      return (await client.query<{ n: number }>(sql, [name])).rows[0]?.n;
    });
    expect(count).toBe(2);
  });

  it('who no longer waits for an answer waits for no lock on the server either', async () => {
    const store = await openStore({ answerWaitMs: 1_500 });
    await store.write([createOf('g')]);
    await administer(async (client) => {
      await client.query('BEGIN');
      await client.query(`SELECT 1 FROM tandem.tx WHERE gid = 'g' FOR UPDATE`);
      await expect(store.write([commitOf('g', 1)])).rejects.toMatchObject({ kind: 'unavailable' });
      await expect
        .poll(async () => {
          const { rows } = await client.query<{ n: number }>(
            `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = $1`,
            [name],
          );
          return rows[0]?.n;
        })
        .toBe(0);
      await client.query('COMMIT');
    }, url);
    expect(await store.write([commitOf('g', 1)])).toMatchObject([{ kind: 'applied' }]);
  });

  it('a URL whose password has a ? in it is refused without a piece of it', async () => {
    const wrong = openPostgresStore({ url: 'postgres://tandem:12?secret@127.0.0.1/db' });
    await expect(wrong).rejects.not.toThrow(/secret/);
  });

  it('a node that is cut off while it sends a batch is missed within seconds', async () => {
    const store = await openStore();
    await administer(async (client) => {
      await client.query(`CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.state := concat_ws(' ', current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval')); RETURN NEW; END $$`);
      await client.query('CREATE TRIGGER noted BEFORE INSERT ON tandem.tx FOR EACH ROW EXECUTE FUNCTION noted()');
    }, url);
    await store.write([createOf('g')]);
    expect((await store.load(['g'], 'head'))[0]?.head.state).toBe('5 1');
  });
});
