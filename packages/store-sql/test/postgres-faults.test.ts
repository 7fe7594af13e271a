import { inspect } from 'node:util';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Store, WriteResult } from '@tandem/store';
import { commitOf, createOf, headWith, newToken, noon } from '@tandem/store/contract';
import { openPostgresStore, type PostgresStoreOptions } from '@tandem/store-sql/postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from '../../../scripts/network/tcp-proxy.mjs';
import { forgottenCostOneWait } from './forgotten-connections.js';
import { arrivesAfterWhatFollowed, cutWhileItWaits } from './late-writes.js';
import { administer, dropSchema, newSchema, postgresUrl } from './postgres-place.js';
import { claimEachOnce, commitBeside } from './stores-beside.js';

const needs = postgresUrl === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : '';
const row = { branchId: '01', op: 'action', value: 'v' };

describe.skipIf(postgresUrl === '')(`PostgreSQL under faults${needs}`, () => {
  let schema = '';
  let open: { close(): Promise<void> }[] = [];

  beforeEach(() => {
    schema = newSchema();
  });

  afterEach(async () => {
    for (const one of open.reverse()) await one.close();
    open = [];
    await dropSchema(schema);
  });

  async function openStore(options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
    const store = await openPostgresStore({ url: postgresUrl, schema, ...options });
    open.push(store);
    await store.migrate();
    return store;
  }

  async function openBehindProxy(): Promise<{ readonly store: Store; readonly proxy: TcpProxy }> {
    const { proxy, url } = await TcpProxy.before(postgresUrl);
    open.push(proxy);
    return { store: await openStore({ url }), proxy };
  }

  /** Holds a record, as a write of it that is under way does; answers how to let go. */
  async function holdRecord(gid: string): Promise<() => Promise<void>> {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let hold = (): void => undefined;
    const held = new Promise<void>((resolve) => (hold = resolve));
    const done = administer(async (client) => {
      await client.query('BEGIN');
      await client.query(`SELECT 1 FROM "${schema}".tx WHERE gid = $1 FOR UPDATE`, [gid]);
      hold();
      await released;
      await client.query('COMMIT');
    });
    await held;
    return async () => {
      release();
      await done;
    };
  }

  /** Waits until so many statements of the store wait for a lock. */
  async function untilWaiting(count: number): Promise<void> {
    await expect
      .poll(
        () =>
          administer(async (client) => {
            const { rows } = await client.query<{ n: number }>(
              `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`,
              [`%"${schema}".tx%`],
            );
            return rows[0]?.n;
          }),
        { interval: 20 },
      )
      .toBe(count);
  }

  /** What the server counts of the table of heads. */
  async function statistic(name: 'idx_scan' | 'seq_tup_read'): Promise<number> {
    return administer(async (client) => {
      const { rows } = await client.query<{ n: number }>(
        `SELECT ${name}::int AS n FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = 'tx'`,
        [schema],
      );
      return rows[0]?.n ?? 0;
    });
  }

  it('batches that share gids, in any order and from two stores, never fail, and each version is applied once', async () => {
    await commitBeside([await openStore(), await openStore()]);
  });

  it('a write whose connection the server ends is written again, and applied once', async () => {
    const store = await openStore();
    await store.write([createOf('g')]);
    const letGo = await holdRecord('g');
    const written = store.write([commitOf('g', 1, { rows: [row] })]);
    await untilWaiting(1);
    await administer((client) =>
      client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`,
        [`%"${schema}".tx%`],
      ),
    );
    await untilWaiting(1);
    await letGo();
    expect(await written).toEqual([{ kind: 'applied', version: 2, epoch: 0 }]);
    expect((await store.load(['g'], 'all'))[0]).toMatchObject({ head: { version: 2 }, rows: [row] });
  });

  it.each([
    ['a create', (gid: string) => createOf(gid, { lease: { owner: 'a', untilMs: noon } }), 1],
    ['a commit', (gid: string) => commitOf(gid, 1, { rows: [row] }), 2],
  ])('%s whose reply is lost reads as applied', async (_, itemFor, version) => {
    const { store, proxy } = await openBehindProxy();
    const gid = 'g';
    if (version === 2) await store.write([createOf(gid, { lease: { owner: 'a', untilMs: noon } })]);
    await store.write([createOf('another')]);
    proxy.swallowReplies(true);
    const written = store.write([itemFor(gid)]);
    await expect.poll(async () => (await versionsIn(schema)).get(gid), { interval: 20 }).toBe(version);
    proxy.cutClients();
    expect(await written).toEqual([{ kind: 'applied', version, epoch: 1 }]);
    expect((await versionsIn(schema)).get(gid)).toBe(version);
  });

  it('a write whose reply is lost while it is under way is waited for by its repetition, and read as applied', async () => {
    expect(await cutWhileItWaits(await openBehindProxy(), { hold: holdRecord, untilWaiting })).toEqual([
      { kind: 'applied', version: 2, epoch: 0 },
      { kind: 'applied', version: 2, epoch: 0 },
      { kind: 'applied', version: 1, epoch: 0 },
    ]);
    expect([...(await versionsIn(schema)).values()]).toEqual([2, 2, 1]);
  });

  it('a write that arrives after its own repetition, and after what followed it, changes nothing', async () => {
    await arrivesAfterWhatFollowed(await openBehindProxy(), createOf('new'));
  });

  it('a server that gives no answer is given up after a while', async () => {
    const { proxy, url } = await TcpProxy.before(postgresUrl);
    open.push(proxy);
    const store = await openStore({ url, answerWaitMs: 1_000, connectWaitMs: 3_000 });
    await store.ping();
    proxy.swallowReplies(true);
    await expect(store.load(['g'], 'all')).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    proxy.swallowReplies(false);
    expect(await store.load(['g'], 'all')).toEqual([undefined]);
  });

  it('connections that a firewall has forgotten cost one wait, not one each', async () => {
    const { proxy, url } = await TcpProxy.before(postgresUrl);
    open.push(proxy);
    const store = await openStore({ url, answerWaitMs: 1_500 });
    await forgottenCostOneWait(store, proxy);
  });

  it('what the engine cannot keep is refused alone', async () => {
    const store = await openStore();
    await store.write([createOf('a'), createOf('b')]);
    const results = await store.write([
      commitOf('a', 1),
      commitOf('b', 1, { head: headWith({ state: 'a NUL \u0000' }) }),
      createOf('c', { body: '\u0000' }),
      createOf('d'),
    ]);
    expect(results.map(kindOf)).toEqual(['applied', 'refused', 'refused', 'applied']);
    expect(await versionsIn(schema)).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
        ['d', 1],
      ]),
    );
  });

  it('what is too large is refused alone', async () => {
    const store = await openStore({ itemBytesMax: 1_000 });
    const results = await store.write([createOf('a', { body: 'x'.repeat(1_001) }), createOf('b')]);
    expect(results).toEqual([
      { kind: 'refused', reason: 'larger than 1000 bytes' },
      { kind: 'applied', version: 1, epoch: 0 },
    ]);
  });

  it('a thousand requests at once use no more connections than they may, and none fails', async () => {
    const store = await openStore({ url: withName(postgresUrl, schema), connectionsMax: 5 });
    await store.write([createOf('g')]);
    const requests = Array.from({ length: 1_000 }, (_, index) =>
      index % 2 === 0 ? store.load(['g'], 'all') : store.write([createOf(`g${index}`)]),
    );
    const used = await administer(async (client) => {
      const { rows } = await client.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1',
        [schema],
      );
      return rows[0]?.n ?? 0;
    });
    await Promise.all(requests);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(5);
  });

  it('eight stores that migrate at once all find the schema in order', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => openPostgresStore({ url: postgresUrl, schema })));
    open.push(...stores);
    await Promise.all(stores.map((store) => store.migrate()));
    const written = await Promise.all(stores.map((store, index) => store.write([createOf(`g${index}`)])));
    expect(written.flat().map(kindOf)).toEqual(Array.from({ length: 8 }, () => 'applied'));
    const { rows } = await administer((client) =>
      client.query<{ number: number }>(`SELECT number FROM "${schema}".migration ORDER BY number`),
    );
    expect(rows.map(({ number }) => number)).toEqual([0, 1]);
  });

  it('a newer schema is gone on with where it only adds, and refused where it needs a newer version', async () => {
    const store = await openStore();
    const note = (number: number, worksFrom: number): Promise<unknown> =>
      administer((client) =>
        client.query(`INSERT INTO "${schema}".migration VALUES ($1, 'newer', $2, now())`, [number, worksFrom]),
      );
    await note(2, 1);
    await store.migrate();
    await note(3, 3);
    await expect(store.migrate()).rejects.toMatchObject({ name: 'StoreError', kind: 'incompatible' });
  });

  it('a server that takes no writes fails the ping, and says why', async () => {
    const database = `readonly${newToken().replace('-', '')}${process.pid}`;
    await administer((client) => client.query(`CREATE DATABASE ${database}`));
    const url = new URL(postgresUrl);
    url.pathname = database;
    try {
      const store = await openPostgresStore({ url: url.href, connectionsMax: 2 });
      await store.migrate();
      await store.close();
      await administer((client) => client.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`));
      const standby = await openPostgresStore({ url: url.href, connectionsMax: 2 });
      await standby.migrate();
      await expect(standby.ping()).rejects.toMatchObject({
        kind: 'unavailable',
        message: expect.stringMatching(/read-only: a standby/) as unknown,
      });
      await expect(standby.write([createOf('g')])).rejects.toMatchObject({ kind: 'unavailable' });
      await standby.close();
    } finally {
      await administer((client) => client.query(`DROP DATABASE ${database} WITH (FORCE)`));
    }
  });

  it('what was planned while the store was empty does not read all of it when it is full', async () => {
    const store = await openStore({ connectionsMax: 2 });
    await administer((client) => client.query(`ALTER TABLE "${schema}".tx SET (autovacuum_enabled = false)`));
    // As after everything was purged: PostgreSQL knows that it is empty.
    await administer((client) => client.query(`VACUUM "${schema}".tx`));
    const gids = Array.from({ length: 40 }, (_, index) => `g${index}`);
    const useEverything = async (): Promise<void> => {
      for (let round = 0; round < 8; round++) {
        const request = { now: noon + round, limit: 50, owner: 'a', leaseUntil: noon + round, token: newToken() };
        await store.claimDue(request);
        await store.load(gids, 'all');
        const [g1] = await store.load(['g1'], 'all');
        await store.write([commitOf('g1', g1?.head.version ?? 0)]);
        await store.write([commitOf('g2', round), commitOf('g3', round)]);
        await store.wake({ dueAfter: noon + 1_000 }, noon, 10);
        await store.backlog(noon);
        await store.scan({ isFinished: false }, undefined, 10);
      }
    };
    await store.write(gids.map((gid) => createOf(gid)));
    await useEverything();
    const finished = 50_000;
    await administer((client) =>
      client.query(
        `INSERT INTO "${schema}".tx SELECT 'f' || i, 'saga', 'succeed', 0, NULL, '', '', 0, NULL, 0, 1, 't', $1, $1, $1,
          '', '', '' FROM generate_series(1, ${finished}) i`,
        [noon],
      ),
    );
    await useEverything();
    await store.close();
    // The server's processes tell what they did when they end.
    await expect.poll(() => statistic('idx_scan'), { interval: 100 }).toBeGreaterThan(50);
    expect(await statistic('seq_tup_read')).toBeLessThan(finished);
  });

  it('ten thousand due transactions go to four stores, each exactly once', async () => {
    await claimEachOnce([await openStore(), await openStore(), await openStore(), await openStore()]);
  });
});

describe('a PostgreSQL store that cannot be opened', () => {
  it.each([
    ['no server', 'postgres://user:hidden@127.0.0.1:1/db'],
    ['no URL', '://user:hidden@'],
    ['another scheme', 'mysql://user:hidden@127.0.0.1/db'],
    ['an unknown setting', 'postgres://user:hidden@127.0.0.1/db?sslmod=require'],
    ['an unknown TLS mode', 'postgres://user:hidden@127.0.0.1/db?sslmode=hidden-or-not'],
    ['a root that is not there', 'postgres://user:hidden@127.0.0.1/db?sslmode=require&sslrootcert=/nowhere.pem'],
    ['a percent sign by itself', 'postgres://user:hidden%zz@127.0.0.1/db'],
  ])('says why in a line, without the password: %s', async (_, url) => {
    const error: unknown = await openPostgresStore({ url, connectWaitMs: 1_000 }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect((error as Error).message).not.toContain('\n');
    expect(inspect(error, { depth: 9, showHidden: true }).replace('hidden-or-not', '')).not.toContain('hidden@');
    expect(inspect(error, { depth: 9 })).not.toMatch(/hidden(?!-or)/);
  });

  it('does not wait for ever for a server that says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const opening = openPostgresStore({ url: `postgres://u:hidden@127.0.0.1:${port}/db`, connectWaitMs: 200 });
    await expect(opening).rejects.toMatchObject({ kind: 'unavailable' });
    silent.close();
  });
});

function kindOf(result: WriteResult): string {
  return result.kind;
}

async function versionsIn(schema: string): Promise<ReadonlyMap<string, number>> {
  return administer(async (client) => {
    const { rows } = await client.query<{ gid: string; version: number }>(
      `SELECT gid, version FROM "${schema}".tx ORDER BY gid`,
    );
    return new Map(rows.map(({ gid, version }) => [gid, version]));
  });
}

function withName(text: string, name: string): string {
  const url = new URL(text);
  url.searchParams.set('application_name', name);
  return url.href;
}
