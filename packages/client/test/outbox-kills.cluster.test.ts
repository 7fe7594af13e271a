/**
 * Senders, relays, the coordinator and the engine, each killed with SIGKILL and started again, in turns, while orders are taken: in the
 * end the orders that are committed are those that were told, each once.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { branchHandler, createClient } from '@tandem/client';
import { mysql } from '@tandem/client/mysql';
import { nodeListener } from '@tandem/client/node';
import { createOutbox, createOutboxTable } from '@tandem/client/outbox';
import { pg } from '@tandem/client/pg';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { openInstance } from '../../../scripts/services/instance.mjs';
import { listening } from './participant.js';

const worker = fileURLToPath(new URL('./outbox-worker.mjs', import.meta.url));
const tandemCommand = fileURLToPath(new URL('../../server/bin/tandem.js', import.meta.url));
const rounds = 5;
/** How many orders are told between two kills. */
const toldBetween = 4;
/** Thirty times something is started again, and starts take long on a busy machine. */
const timeout = 900_000;
/** A message that was tried in vain time and again is left alone for a minute. */
const deliveredMs = 180_000;

const engines = {
  PostgreSQL: { service: 'postgres', variable: 'TANDEM_TEST_POSTGRES_PROGRAMS', open: openPostgres },
  MariaDB: { service: 'mariadb', variable: 'TANDEM_TEST_MARIADB_PROGRAMS', open: openMariadb },
} as const;

/** A program that is killed and started again with the same settings. */
class Mortal {
  #child: ChildProcess;
  #said = '';
  readonly #start: () => ChildProcess;
  kills = 0;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#start = () => {
      const child = spawn(process.execPath, args, {
        env: { PATH: process.env['PATH'], ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr.on('data', (data: Buffer) => (this.#said = (this.#said + data.toString()).slice(-4_000)));
      return child;
    };
    this.#child = this.#start();
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.exitCode !== null || !this.#child.kill('SIGKILL'))
      throw new Error(`it had ended by itself: ${this.#said}`);
    await ended;
  }

  async kill(): Promise<void> {
    await this.end();
    this.kills += 1;
    this.#child = this.#start();
  }
}

/** A look at the database, past the senders. */
interface Books {
  readonly outbox: ReturnType<typeof createOutbox>;
  orders(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const nobody = createClient({ url: 'http://127.0.0.1:1' });
const createOrders = 'create table orders (gid varchar(128) primary key)';

async function openPostgres(url: string): Promise<Books> {
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  await pool.query(createOrders);
  await createOutboxTable(pg(pool));
  return {
    outbox: createOutbox(nobody, pg(pool)),
    orders: async () => (await pool.query<{ gid: string }>('select gid from orders')).rows.map(({ gid }) => gid),
    close: () => pool.end(),
  };
}

async function openMariadb(url: string): Promise<Books> {
  const pool = createPool({ uri: url, connectionLimit: 2 });
  await pool.query(createOrders);
  await createOutboxTable(mysql(pool));
  return {
    outbox: createOutbox(nobody, mysql(pool)),
    orders: async () => {
      const [rows] = await pool.query('select gid from orders');
      return (rows as { readonly gid: string }[]).map(({ gid }) => gid);
    },
    close: () => pool.end(),
  };
}

describe.each(Object.entries(engines))('an outbox on %s', (name, { service, variable, open }) => {
  const isAbsent = process.env[variable] === undefined;
  if (isAbsent) console.warn(`an outbox on ${name} under kills: NOT RUN, ${variable} is not set`);

  const title = `tells each committed order once, whatever is killed (needs ${name})`;
  test.skipIf(isAbsent)(title, { timeout }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tandem-outbox-kills-'));
    const engine = await openInstance(service);
    const books = await retried(() => open(engine.url));
    const receiver = await startReceiver();
    const [port, grpcPort] = [await freePort(), await freePort()];
    const tandemUrl = `http://127.0.0.1:${String(port)}`;
    const env = { ENGINE: name, DATABASE_URL: engine.url, TANDEM_URL: tandemUrl, RECEIVER: receiver.url };
    const coordinator = new Mortal([tandemCommand, 'start', '--log-level', 'error'], {
      HTTP_PORT: String(port),
      GRPC_PORT: String(grpcPort),
      TANDEM_DATA: folder,
    });
    const senders = [0, 1].map(() => new Mortal([worker], { ...env, ROLE: 'sender' }));
    const relays = [0, 1].map(() => new Mortal([worker], { ...env, ROLE: 'relay' }));
    const killEngine = async (): Promise<void> => {
      await engine.kill();
      await engine.start();
    };
    const victims = [...relays, ...senders, coordinator].map((mortal) => () => mortal.kill());
    try {
      for (let round = 0; round < rounds; round += 1) {
        for (const kill of [...victims, killEngine]) {
          const before = receiver.told.size;
          await expect.poll(() => receiver.told.size - before).toBeGreaterThan(toldBetween);
          await kill();
        }
      }
      for (const sender of senders) await sender.end();
      const waiting = () => retried(async () => (await books.outbox.counts()).waiting);
      await expect.poll(waiting, { timeout: deliveredMs, interval: 200 }).toBe(0);
      const orders = await books.orders();
      expect(await books.outbox.parked()).toEqual([]);
      expect(orders.length).toBeGreaterThan(rounds * 10);
      await expect.poll(() => receiver.told.size, { timeout: deliveredMs, interval: 200 }).toBe(orders.length);
      expect([...receiver.told.keys()].sort()).toEqual([...orders].sort());
      expect([...receiver.told.values()].filter((times) => times !== 1)).toEqual([]);
      expect([...relays, ...senders, coordinator].map(({ kills }) => kills)).toEqual(Array(5).fill(rounds));
      console.info(`${name}: ${String(orders.length)} orders, ${String(receiver.calls())} calls`);
    } finally {
      await Promise.allSettled([...senders, ...relays, coordinator].map((mortal) => mortal.end()));
      receiver.close();
      await books.close();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** A branch with a barrier, which counts what it did for each gid. */
async function startReceiver() {
  const connection = new DatabaseSync(':memory:');
  createBarrierTable(connection);
  const told = new Map<string, number>();
  let calls = 0;
  const handler = branchHandler(async ({ gid, barrier }) => {
    calls += 1;
    await barrier.transaction(sqlite(connection), () => void told.set(gid, (told.get(gid) ?? 0) + 1));
  });
  const served = await listening(createServer(nodeListener({ '/told': handler })));
  return {
    url: `${served.url}/told`,
    told,
    calls: () => calls,
    close: () => {
      void served.close();
      connection.close();
    },
  };
}

/** Engines need some time until they answer. */
async function retried<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (attempt === 600) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
