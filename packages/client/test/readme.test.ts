import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBarrierTable } from '@tandem/client/pg';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { regionOf } from '../../../scripts/documentation/region-of.mjs';
import { startTandem, type RunningCoordinator } from './coordinator-processes.js';
import { openLibraryDatabase, type LibraryDatabase } from './library-database.js';
import { postgresUrl } from './postgres-database.js';
import { startParticipant } from './participant.js';
import { order } from './readme/options.js';
import { reserveHandler } from './readme/own-transaction.js';

const textOf = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

const examples = [
  ['undo', 'trip'],
  ['workflow', 'workflow'],
  ['tcc', 'tcc'],
  ['tcc-branches', 'tcc-branches'],
  ['xa', 'xa'],
  ['embedded', 'embedded'],
  ['saga', 'transfer'],
  ['branches', 'bank'],
  ['serving', 'serving'],
  ['grpc', 'grpc'],
  ['message', 'order'],
  ['outbox', 'outbox'],
  ['run', 'own-transaction'],
  ['kysely', 'kysely'],
  ['prisma', '../prisma/readme'],
  ['mongodb', 'mongodb'],
  ['redis', 'redis'],
  ['options', 'options'],
] as const;

test.each(examples)("the README's example '%s' is what is compiled and run here", async (name, file) => {
  const snippet = regionOf(await textOf(`./readme/${file}.ts`), name);
  expect(snippet).not.toBe('');
  expect(await textOf('../README.md')).toContain(`\`\`\`ts\n${snippet}\n\`\`\``);
});

test('the README has no other example', async () => {
  expect((await textOf('../README.md')).match(/```ts/g)).toHaveLength(examples.length);
});

describe("the README's examples", () => {
  let coordinator: RunningCoordinator;
  /** The examples name their tables as a reader would, the barrier's as it is by default: other suites do the same. */
  let database: LibraryDatabase | undefined;
  const servers: Server[] = [];
  beforeAll(async () => {
    coordinator = await startTandem();
    process.env['TANDEM_URL'] = coordinator.url;
    if (postgresUrl === undefined) return;
    database = await openLibraryDatabase('PostgreSQL', 'tandem_readme');
    process.env['DATABASE_URL'] = database.url;
  });
  afterAll(async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await coordinator.close();
    await database?.close();
  });

  test('a transfer between two banks succeeds, and one without enough money is rolled back', async () => {
    Object.assign(process.env, { DATABASE: ':memory:', PORT: '0' });
    const north = await import('./readme/bank.js');
    vi.resetModules();
    const south = await import('./readme/bank.js');
    for (const [name, bank] of Object.entries({ NORTH_BANK: north, SOUTH_BANK: south })) {
      servers.push(bank.server);
      bank.connection.exec("insert into account values ('ann', 100), ('bob', 50)");
      if (!bank.server.listening) await once(bank.server, 'listening');
      process.env[name] = `http://127.0.0.1:${String((bank.server.address() as AddressInfo).port)}`;
    }
    const { transfer } = await import('./readme/transfer.js');
    expect(await transfer('ann', 'bob', 30)).toBe('transferred');
    expect(await transfer('ann', 'bob', 1_000)).toMatch(/^rolled back: .*ann has not enough money/);
    expect(await transfer('ann', 'nobody', 10)).toMatch(/^rolled back: .*nobody has not enough money/);
    const balance = (bank: typeof north, name: string): unknown =>
      bank.connection.prepare('select balance from account where name = ?').get(name);
    expect([balance(north, 'ann'), balance(south, 'bob')]).toEqual([{ balance: 70 }, { balance: 80 }]);
  });

  test('the concurrent order is put together', () => {
    expect(order.gid).toBe('order-4711');
  });

  test.skipIf(postgresUrl === undefined)('an order and its message (not run without PostgreSQL)', async () => {
    const stock = await startParticipant();
    Object.assign(process.env, {
      STOCK_URL: stock.url,
      CHECK_URL: 'http://127.0.0.1:9/check',
    });
    const { placeOrder, checkOrder, pool } = await import('./readme/order.js');
    try {
      await createBarrierTable(pool);
      await pool.query('create table orders (id text primary key, item text)');
      await pool.query("create table stock (item text, left_over integer); insert into stock values ('tea', 5)");
      const topic = new URLSearchParams({ topic: 'order-placed', url: `${stock.url}/reserve` }).toString();
      await fetch(`${coordinator.url}/api/dtmsvr/subscribe?${topic}`);
      expect(await placeOrder('1', 'tea')).toMatchObject({ gid: 'order-1', value: { done: true } });
      expect((await pool.query('select * from orders')).rows).toEqual([{ id: '1', item: 'tea' }]);
      const check = (gid: string) =>
        checkOrder(new Request(`http://me/?gid=${gid}&trans_type=msg&branch_id=00&op=msg`));
      expect((await check('order-1')).status).toBe(200);
      expect((await check('order-2')).status).toBe(409);
      const query = '?gid=g&trans_type=saga&branch_id=01&op=action';
      for (let call = 0; call < 2; call += 1) {
        const request = new Request(`http://me/reserve${query}`, { method: 'POST', body: '{"item":"tea"}' });
        expect((await reserveHandler(pool)(request)).status).toBe(200);
      }
      expect((await pool.query('select left_over from stock')).rows).toEqual([{ left_over: 4 }]);
    } finally {
      await pool.query('drop table if exists orders');
      await pool.end();
      stock.close();
    }
  });

  test.skipIf(postgresUrl === undefined)('an order by the outbox (not run without PostgreSQL)', async () => {
    const stock = await startParticipant();
    process.env['STOCK_URL'] = stock.url;
    const { db, outbox, placeOrder, relay } = await import('./readme/outbox.js');
    try {
      await sql`create table orders (id text primary key, item text)`.execute(db);
      await placeOrder('4712', 'tea');
      const waiting = async (): Promise<unknown> => (await outbox.counts()).waiting;
      await expect.poll(waiting).toBe(0);
      const query = await fetch(`${coordinator.url}/api/dtmsvr/query?gid=order-4712`);
      expect(await query.json()).toMatchObject({ transaction: { trans_type: 'msg' } });
      // Its transaction fails: nothing is sent.
      await expect(placeOrder('4712', 'tea')).rejects.toThrow(/duplicate/);
      expect(await outbox.counts()).toEqual({ waiting: 0, parked: 0, oldestWaitingMs: 0 });
    } finally {
      await relay.close();
      await db.destroy();
      stock.close();
    }
  });

  test.skipIf(postgresUrl === undefined)('a shelf behind Kysely (not run without PostgreSQL)', async () => {
    const { clean, db, giveBack, take } = await import('./readme/kysely.js');
    try {
      await sql`create table shelf (item text, pieces integer)`.execute(db);
      await db.insertInto('shelf').values({ item: 'tea', pieces: 5 }).execute();
      const call = async (handler: typeof take, op: string) => {
        const url = `http://me/?gid=shelf&trans_type=saga&branch_id=01&op=${op}`;
        return (await handler(new Request(url, { method: 'POST', body: '{"item":"tea"}' }))).status;
      };
      const pieces = async () => (await db.selectFrom('shelf').select('pieces').execute()).map((row) => row.pieces);
      expect([await call(take, 'action'), await call(take, 'action')]).toEqual([200, 200]);
      expect(await pieces()).toEqual([4]);
      expect([await call(giveBack, 'compensate'), await call(giveBack, 'compensate')]).toEqual([200, 200]);
      expect(await pieces()).toEqual([5]);
      expect(await clean()).toBe(0);
    } finally {
      await db.destroy();
    }
  });
});
