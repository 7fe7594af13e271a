/** Runs the README's examples of workflows, TCC, XA and the embedded coordinator; readme.test.ts compares their text. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { branchHandler, createClient, type Client, type RequestHandler } from '@tandem/client';
import { nodeListener } from '@tandem/client/node';
import { createBarrierTable } from '@tandem/client/pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { startTandem, type RunningCoordinator } from './coordinator-processes.js';
import { openLibraryDatabase } from './library-database.js';
import { postgresUrl } from './postgres-database.js';
import { done, sellOut } from './readme/partners.js';
import { startSeatService, type SeatService } from './seat-service.js';

describe("the README's examples", () => {
  let coordinator: RunningCoordinator;
  let tandem: Client;
  let seats: SeatService;
  const servers: Server[] = [];
  const serve = async (routes: Record<string, RequestHandler>): Promise<string> => {
    const server = createServer(nodeListener(routes)).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  };
  beforeAll(async () => {
    coordinator = await startTandem();
    seats = await startSeatService();
    tandem = createClient({ url: coordinator.url });
    process.env['TANDEM_URL'] = coordinator.url;
  });
  afterAll(async () => {
    seats.close();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await coordinator.close();
  });

  test('a trip is booked, or undone backwards where no seat is left', async () => {
    const port = String(await freePort());
    Object.assign(process.env, { PORT: port, WORKFLOW_URL: `http://127.0.0.1:${port}/workflow` });
    const trip = await import('./readme/trip.js');
    servers.push(trip.server);
    expect(await trip.book('1', 'ann')).toBe('Lyon, receipt over 240');
    expect(await trip.book('1', 'ann')).toBe('Lyon, receipt over 240');
    expect(done.splice(0)).toEqual([
      'reserve a room for ann',
      'reserve a seat for ann',
      'charge 4711 with 240',
      'mail to ann: paid: receipt over 240',
    ]);
    sellOut('Lyon');
    await expect(trip.book('2', 'bob')).rejects.toMatchObject({
      code: 'TRANSACTION_FAILED',
      reason: 'no seat to Lyon',
    });
    expect(done).toEqual(['reserve a room for bob', 'cancel room-of-bob']);
  });

  test('an order is a workflow, and one that is too expensive is taken back', async () => {
    const called: string[] = [];
    const answering = (name: string, answer: unknown): RequestHandler =>
      branchHandler<{ item?: string }>(({ op, payload }) => {
        called.push(`${name} ${op} ${payload.item ?? ''}`.trim());
        return answer;
      });
    process.env['STOCK_URL'] = await serve({
      '/reserve': answering('reserve', { shelf: 'A7' }),
      '/release': answering('release', undefined),
      '/carrier': answering('carrier', undefined),
    });
    const info = vi.spyOn(console, 'info').mockReturnValue();
    const { placeOrder } = await import('./readme/workflow.js');
    expect(await placeOrder.run({ item: 'tea', pieces: 2, price: 5 })).toEqual({ shelf: 'A7', total: 10 });
    expect(info).toHaveBeenCalledExactlyOnceWith('the order stands');
    info.mockRestore();
    expect(called.splice(0)).toEqual(['reserve action tea', 'carrier action']);
    const expensive = placeOrder.run({ item: 'car', pieces: 1, price: 30_000 });
    await expect(expensive).rejects.toMatchObject({ code: 'TRANSACTION_FAILED', reason: 'too expensive' });
    expect(called).toEqual(['reserve action car', 'carrier action', 'release rollback car']);
  });

  test('a trip by TCC takes a seat and a room, or neither', async () => {
    process.env['DATABASE'] = ':memory:';
    const airline = await import('./readme/tcc-branches.js');
    airline.connection.exec("insert into seat (number) values ('1A')");
    process.env['AIRLINE_URL'] = await serve({
      '/hold': airline.hold,
      '/buy': airline.buy,
      '/let-go': airline.letGo,
    });
    const ok = branchHandler(() => ({ number: '12' }));
    process.env['HOTEL_URL'] = await serve({ '/hold': ok, '/take': ok, '/let-go': ok });
    const { bookTrip } = await import('./readme/tcc.js');
    expect(await bookTrip('ann')).toEqual({ seat: '1A', room: '12' });
    const seat = (): unknown => airline.connection.prepare('select * from seat').get();
    await expect.poll(seat).toEqual({ number: '1A', guest: 'ann', is_paid: 1 });
    await expect(bookTrip('bob')).rejects.toMatchObject({ reason: 'branch "seat": no seat is left' });
    await expect(bookTrip('')).rejects.toThrow(/payload is not what its schema says: guest/);
    // Which is undone as well, although its payload is refused for good.
  });

  test('the embedded coordinator delivers a message to a handler of this process', async () => {
    const info = vi.spyOn(console, 'info').mockReturnValue();
    const example = await import('./readme/embedded.js');
    expect(example.greeted).toMatchObject({ status: 'succeed' });
    expect(info).toHaveBeenCalledExactlyOnceWith('hello ann');
    info.mockRestore();
    await example.coordinator.close(0);
  });

  test.skipIf(postgresUrl === undefined)('a transfer by XA (not run without TANDEM_TEST_POSTGRES_URL)', async () => {
    const database = await openLibraryDatabase('PostgreSQL', 'tandem_readme_xa');
    process.env['DATABASE_URL'] = database.url;
    const { move, pool, transfer } = await import('./readme/xa.js');
    const bank = await serve({ '/move': move });
    Object.assign(process.env, { NORTH_BANK: bank, SOUTH_BANK: bank });
    try {
      await createBarrierTable(pool);
      await pool.query('create table account (name text primary key, balance integer check (balance >= 0))');
      await pool.query("insert into account values ('ann', 100), ('bob', 0)");
      await transfer('ann', 'bob', 30);
      const balances = async (): Promise<unknown> => (await pool.query('select * from account order by name')).rows;
      const after = [
        { name: 'ann', balance: 70 },
        { name: 'bob', balance: 30 },
      ];
      expect(await balances()).toEqual(after);
      const onError = vi.spyOn(console, 'error').mockReturnValue();
      await expect(transfer('ann', 'bob', 1_000)).rejects.toMatchObject({ code: 'BRANCH_UNCLEAR' });
      onError.mockRestore();
      // Other suites prepare on the same server.
      const branches = 'select gid from pg_prepared_xacts where database = current_database()';
      await expect.poll(() => database.texts(branches)).toEqual([]);
      expect(await balances()).toEqual(after);
    } finally {
      await pool.end();
      await database.close();
    }
  });

  test('none of them has left anything unfinished', async () => {
    const url = `${coordinator.url}/api/dtmsvr/all?finished=false`;
    const unfinished = async () => ((await (await fetch(url)).json()) as { transactions: unknown[] }).transactions;
    await expect.poll(unfinished).toEqual([]);
    expect(await tandem.query('trip-2')).toMatchObject({ status: 'failed' });
  });
});
