/** Replies that get lost, locks, batches that meet, items that do not fit: for each engine that the store speaks to. */
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { WriteResult } from '@tandem/store';
import { commitOf, createOf, headWith, newToken, noon } from '@tandem/store/contract';
import { openMysqlStore, type MysqlStoreOptions } from '@tandem/store-sql/mysql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { TcpProxy } from '../../../scripts/network/tcp-proxy.mjs';
import { forgottenCostOneWait } from './forgotten-connections.js';
import { arrivesAfterWhatFollowed, cutWhileItWaits } from './late-writes.js';
import { MysqlPlace, type TestedEngine } from './mysql-place.js';
import { claimEachOnce, commitBeside } from './stores-beside.js';

/** The engine shows no newer state of its locks to who asks more often than every 0.1 s. */
const lockPolling = { interval: 150 };
const row = { branchId: '01', op: 'action', value: 'v' };

export function mysqlFaultCases(engine: TestedEngine): void {
  describe.skipIf(engine.url === '')(`${engine.title} under faults${engine.needsUrl}`, () => {
    let place: MysqlPlace;
    let proxies: TcpProxy[] = [];

    beforeEach(async () => {
      place = await MysqlPlace.open(engine.url);
    });

    afterEach(async () => {
      await place.close();
      for (const proxy of proxies) await proxy.close();
      proxies = [];
    });

    async function openBehindProxy(options: Partial<MysqlStoreOptions> = {}) {
      const { proxy, url } = await TcpProxy.before(place.url);
      proxies.push(proxy);
      return { store: await place.store({ url, ...options }), proxy };
    }

    async function versions(): Promise<Readonly<Record<string, number>>> {
      const [rows] = await place.admin.query<RowDataPacket[]>(
        'SELECT CONVERT(gid USING utf8mb4) AS gid, version FROM tandem_tx ORDER BY gid',
      );
      return Object.fromEntries(rows.map((one) => [one['gid'] as string, one['version'] as number]));
    }

    /** Holds a head, as a write of it that is under way does; answers how to let go. */
    async function holdHead(gid: string): Promise<() => Promise<void>> {
      const holder = await createConnection({ uri: place.url });
      await holder.query('START TRANSACTION');
      await holder.query('SELECT 1 FROM tandem_tx WHERE gid = ? FOR UPDATE', [gid]);
      return async () => {
        await holder.query('COMMIT');
        holder.destroy();
      };
    }

    /** The connections whose write waits for a lock. */
    async function waiting(): Promise<readonly number[]> {
      const [rows] = await place.admin.query<RowDataPacket[]>(
        `SELECT t.trx_mysql_thread_id AS id FROM information_schema.innodb_trx t
       JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
       WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()`,
      );
      return rows.map((one) => one['id'] as number);
    }

    async function untilWaiting(count: number): Promise<void> {
      await expect.poll(async () => (await waiting()).length, lockPolling).toBe(count);
    }

    it.each([0, 12])('batches that share gids never fail, and each version is applied once (%i)', async (fewMax) => {
      await commitBeside([await place.store({ fewMax }), await place.store({ fewMax })]);
    });

    it('a write whose connection is killed is written again, and applied once', async () => {
      const store = await place.store();
      await store.write([createOf('g')]);
      const letGo = await holdHead('g');
      const written = store.write([commitOf('g', 1, { rows: [row] })]);
      await untilWaiting(1);
      const [killed] = await waiting();
      await place.admin.query(`KILL CONNECTION ${String(killed)}`);
      await expect.poll(async () => (await waiting()).some((id) => id !== killed), lockPolling).toBe(true);
      await letGo();
      expect(await written).toEqual([{ kind: 'applied', version: 2, epoch: 0 }]);
      expect((await store.load(['g'], 'all'))[0]).toMatchObject({ head: { version: 2 }, rows: [row] });
    });

    it.each([
      ['a create', 1, 12, (gid: string) => createOf(gid, { lease: { owner: 'a', untilMs: noon } })],
      ['a commit', 2, 12, (gid: string) => commitOf(gid, 1, { rows: [row] })],
      ['a create among many', 1, 0, (gid: string) => createOf(gid, { lease: { owner: 'a', untilMs: noon } })],
      ['a commit among many', 2, 0, (gid: string) => commitOf(gid, 1, { rows: [row] })],
    ])('%s whose reply is lost reads as applied', async (_, version, fewMax, itemFor) => {
      const { store, proxy } = await openBehindProxy({ fewMax });
      if (version === 2) await store.write([createOf('g', { lease: { owner: 'a', untilMs: noon } })]);
      await store.write([createOf('other')]);
      proxy.swallowReplies(true);
      const written = store.write([itemFor('g'), commitOf('other', 1)]);
      await expect.poll(versions, { interval: 20 }).toEqual({ g: version, other: 2 });
      proxy.cutClients();
      expect(await written).toEqual([
        { kind: 'applied', version, epoch: 1 },
        { kind: 'applied', version: 2, epoch: 0 },
      ]);
      expect(await versions()).toEqual({ g: version, other: 2 });
    });

    it('a write whose reply is lost while it is under way is waited for by its repetition, and read as applied', async () => {
      const written = await cutWhileItWaits(await openBehindProxy(), { hold: holdHead, untilWaiting });
      expect(written.map(kindOf)).toEqual(['applied', 'applied', 'applied']);
      expect(await versions()).toEqual({ g: 2, h: 2, i: 1 });
    });

    it('a write that arrives after its own repetition, and after what followed it, changes nothing', async () => {
      const body = 'large'.repeat(1_000);
      const kept = await arrivesAfterWhatFollowed(await openBehindProxy(), createOf('new', { body }));
      expect(kept?.body).toBe(body);
    });

    it('a server that gives no answer is given up after a while, and used again when it does', async () => {
      const { store, proxy } = await openBehindProxy({ replyTimeoutMs: 1_000, connectTimeoutMs: 3_000 });
      await store.ping();
      proxy.swallowReplies(true);
      await expect(store.load(['g'], 'all')).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
      proxy.swallowReplies(false);
      expect(await store.load(['g'], 'all')).toEqual([undefined]);
    });

    it('connections that a firewall has forgotten cost one wait, not one each', async () => {
      const { store, proxy } = await openBehindProxy({ replyTimeoutMs: 1_500 });
      await forgottenCostOneWait(store, proxy);
    });

    it('of several hosts it goes to one that takes writes', async () => {
      const { port } = new URL(place.url);
      const closed = await freePort();
      const store = await place.store({ url: place.through(closed, Number(port)) });
      expect((await store.write([createOf('g')])).map(kindOf)).toEqual(['applied']);
    });

    it('what does not fit is refused alone, and nothing of it is kept', async () => {
      const store = await place.store();
      const [[limit]] = await place.admin.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes');
      const tooLarge = 'x'.repeat(Number(limit?.['bytes']) + (1 << 20));
      await store.write([createOf('a'), createOf('b')]);
      for (const fill of [[], Array.from({ length: 20 }, (_, index) => createOf(`fill ${String(index)}`))]) {
        const suffix = String(fill.length);
        const results = await store.write([
          ...fill,
          createOf(`type ${suffix}`, { head: headWith({ type: 't'.repeat(17) }) }),
          createOf(`time ${suffix}`, { head: headWith({ dueAt: 1.5 }) }),
          createOf(`packet ${suffix}`, { body: tooLarge }),
          createOf(`fits ${suffix}`, { body: `it's ${'"\\\u0007 äß日\u{1f600}'.repeat(100_000)}` }),
        ]);
        expect(results.slice(0, fill.length).map(kindOf)).toEqual(fill.map(() => 'applied'));
        expect(results.slice(fill.length).map(kindOf)).toEqual(['refused', 'refused', 'refused', 'applied']);
        const gids = ['type', 'time', 'packet'].map((name) => `${name} ${suffix}`);
        expect(await store.load(gids, 'head')).toEqual([undefined, undefined, undefined]);
      }
    });

    it('a body as large as a request may be, and a batch larger than a packet, are stored', async () => {
      const store = await place.store();
      const body = 'x'.repeat(5 << 20);
      const items = [1, 2, 3, 4].map((index) => createOf(`g${String(index)}`, { body }));
      expect((await store.write(items)).map(kindOf)).toEqual(['applied', 'applied', 'applied', 'applied']);
      expect((await store.load(['g4'], 'all'))[0]?.body).toBe(body);
      const large = createOf('large', { body: 'y'.repeat(15 << 20) });
      expect((await store.write([large])).map(kindOf)).toEqual(['applied']);
      const claim = { now: noon, limit: 100, owner: 'a', leaseUntil: noon + 9, token: newToken() };
      // Not all at once in memory.
      const { claimed, nextAt } = await store.claimDue(claim);
      expect(claimed.length).toBeLessThan(5);
      expect(nextAt).toBe(noon);
    });

    it('no text gets out of its quotes', async () => {
      const store = await place.store();
      const nasty = [
        `\\' OR 1=1 -- `,
        `'; DROP TABLE tandem_tx; -- `,
        `\\`,
        `''`,
        `?`,
        `a\\'b`,
        '\u0000'.length.toString(),
      ];
      for (const text of nasty) {
        const gid = `g ${text}`;
        const rows = [{ branchId: text, op: text, value: text }];
        const head = headWith({ state: text, waitsFor: text });
        expect((await store.write([createOf(gid, { head, body: text, rows })])).map(kindOf)).toEqual(['applied']);
        expect((await store.load([gid], 'all'))[0]).toMatchObject({ head: { ...head, gid }, body: text, rows });
        expect(await store.putKeyValue('c', text, text, 0, 1)).toBe(true);
        expect((await store.getKeyValue('c', text))?.value).toBe(text);
      }
    });

    it('a thousand requests at once use no more connections than they may, and none fails', async () => {
      const store = await place.store({ connectionsMax: 5 });
      await store.write([createOf('g')]);
      const requests = Array.from({ length: 1_000 }, (_, index) =>
        index % 2 === 0 ? store.load(['g'], 'all') : store.write([createOf(`g${String(index)}`)]),
      );
      const [rows] = await place.admin.query<RowDataPacket[]>(
        'SELECT count(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
      );
      await Promise.all(requests);
      expect(rows[0]?.['n']).toBeGreaterThan(0);
      expect(rows[0]?.['n']).toBeLessThanOrEqual(5);
    });

    it('eight stores that migrate at once all find the schema in order', async () => {
      const stores = await Promise.all(Array.from({ length: 8 }, () => openMysqlStore({ url: place.url })));
      await Promise.all(stores.map((store) => store.migrate()));
      const written = await Promise.all(stores.map((store, index) => store.write([createOf(`g${String(index)}`)])));
      expect(written.flat().map(kindOf)).toEqual(Array.from({ length: 8 }, () => 'applied'));
      await Promise.all(stores.map((store) => store.close()));
      const [rows] = await place.admin.query<RowDataPacket[]>('SELECT number FROM tandem_migration');
      expect(rows).toEqual([{ number: 1 }]);
    });

    it('a newer schema is gone on with where it only adds, and refused where it needs a newer version', async () => {
      const store = await place.store();
      await place.admin.query(`INSERT INTO tandem_migration VALUES (2, 'newer', 1, 0)`);
      await store.migrate();
      await place.admin.query(`INSERT INTO tandem_migration VALUES (3, 'newer', 3, 0)`);
      await expect(store.migrate()).rejects.toMatchObject({ name: 'StoreError', kind: 'incompatible' });
    });

    it('ten thousand due transactions go to four stores, each exactly once', async () => {
      await claimEachOnce([await place.store(), await place.store(), await place.store(), await place.store()]);
    });

    it('tells a missing database and a wrong password apart', async () => {
      const { host } = new URL(engine.url);
      await expect(openMysqlStore({ url: `mysql://root@${host}/nowhere` })).rejects.toMatchObject({
        cause: { code: 'ER_BAD_DB_ERROR' },
      });
      await expect(openMysqlStore({ url: `mysql://root:wrong@${host}/test` })).rejects.toMatchObject({
        cause: { code: 'ER_ACCESS_DENIED_ERROR' },
      });
    });
  });
}

function kindOf(result: WriteResult): string {
  return result.kind;
}
