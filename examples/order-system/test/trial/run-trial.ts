/** One run: orders under kills and a bad network, and the books at its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createStores, dropStores, openSystem, type ServiceName, type System } from '@tandem/example-order-system';
import { ExampleProcess } from '@tandem/example-stage';
import type { RowDataPacket } from 'mysql2/promise';
import { Random } from '@tandem/torture/random';
import { openInstance } from '../../../../scripts/services/instance.mjs';
import { stockService } from '../../src/services/stock-service.js';
import { onMariadb, untilAnswering } from '../../src/system/stores.js';
import { drawOrders, orderAll, supplyFor, type Told } from './customers.js';
import { Delivery, type Deeds } from './delivery.js';
import { grpcProxy } from './grpc-proxy.js';
import { httpProxy, type Proxy } from './http-proxy.js';
import { Kills, type Killable } from './kills.js';
import { settled, wrongs, type Ended } from './verdict.js';

export interface TrialOptions {
  readonly seed: number;
  readonly orders: number;
  /** How many kills, at least and at most. */
  readonly kills: { readonly min: number; readonly max: number };
  readonly languages: 'all' | 'typescript';
}

export interface Trial extends Ended {
  readonly told: readonly Told[];
  readonly wrongs: readonly string[];
  readonly kills: ReadonlyMap<string, number>;
  readonly deeds: Deeds;
  /** Deadlocks that MariaDB had to break, in this run. */
  readonly deadlocks: number;
  readonly languages: System['languages'];
}

const command = fileURLToPath(new URL('../../../../packages/server/bin/tandem.js', import.meta.url));
const customersAtOnce = 24;

const coordinatorEnv = {
  TANDEM_LEASE: '3',
  TANDEM_LEASE_SKEW: '0.5',
  TRANS_CRON_INTERVAL: '0.5',
  TANDEM_RETRY_INTERVAL_MAX: '3',
  TANDEM_TARGET_BREAKER_OPEN: '0.5',
  TANDEM_WAIT_MAX: '3',
  // Nothing may be purged before the books are read.
  STORE_FINISHED_DATA_EXPIRE: '0',
};

/** Needs the servers of TANDEM_TEST_MARIADB_URL and TANDEM_TEST_REDIS_URL; starts a PostgreSQL of its own, to kill it. */
export async function runTrial({ seed, orders: count, kills: limits, languages }: TrialOptions): Promise<Trial> {
  const random = new Random(seed);
  const supply = supplyFor(count);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-order-trial-'));
  const processes: ExampleProcess[] = [];
  const proxies: Proxy[] = [];
  const postgres = await openInstance('postgres');
  const servers = {
    postgres: postgres.url,
    mariadb: process.env['TANDEM_TEST_MARIADB_URL'] ?? '',
    redis: process.env['TANDEM_TEST_REDIS_URL'] ?? '',
    prefix: `trial_${process.pid}_${seed}`,
  };
  const start = (options: Omit<ConstructorParameters<typeof ExampleProcess>[0], 'cwd'>): ExampleProcess => {
    const child = new ExampleProcess({ ...options, cwd: folder });
    processes.push(child);
    return child;
  };
  const through = async (name: ServiceName, port: number): Promise<number> => {
    const chance = random.fork(name);
    const proxy =
      name === 'stock'
        ? await grpcProxy(port, stockService, new Delivery(chance))
        : await httpProxy(port, new Delivery(chance));
    proxies.push(proxy);
    return proxy.port;
  };
  try {
    const stores = await createStores(servers, supply);
    const deadlocksBefore = await deadlocksOf(servers.mariadb);
    const system = await openSystem({ command, stores, start, coordinatorEnv, languages, through });
    const parts = [...system.coordinators, ...Object.values(system.services), asKillable(postgres)];
    const kills = new Kills({ parts, random: random.fork('kills'), ...limits });
    const orders = drawOrders(count, random.fork('orders'), Date.now().toString(36));
    const told = await orderAll({ url: system.url, orders, random: random.fork('customers'), atOnce: customersAtOnce });
    await kills.end();
    const deeds = (): Deeds => sumOf(proxies.map(({ delivery }) => delivery.deeds));
    await untilEachWasDone(deeds);
    await Promise.all(proxies.map(({ delivery }) => delivery.calm()));
    const ended = await settled(system.coordinatorUrls, told, stores, supply);
    return {
      ...ended,
      told,
      wrongs: [...kills.crashes, ...wrongs(ended, told, supply)],
      kills: kills.counts,
      deeds: deeds(),
      deadlocks: (await deadlocksOf(servers.mariadb)) - deadlocksBefore,
      languages: system.languages,
    };
  } finally {
    await Promise.all(processes.map((child) => child.end('SIGKILL')));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await dropStores(servers, supply).catch(() => undefined);
    await postgres.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The network does not calm down before: on a slow machine, most calls are still to come when the last customer has left. */
async function untilEachWasDone(deeds: () => Deeds): Promise<void> {
  const givenUpAt = performance.now() + 60_000;
  while (Math.min(...Object.values({ ...deeds() })) === 0 && performance.now() < givenUpAt) await delay(100);
}

/** Started again when it answers: before that, it recovers what it had. */
function asKillable(postgres: Awaited<ReturnType<typeof openInstance>>): Killable {
  return {
    name: 'PostgreSQL',
    isRunning: true,
    errorText: '',
    kill: () => postgres.kill(),
    start: async () => {
      await postgres.start();
      await untilAnswering(postgres.url);
    },
  };
}

async function deadlocksOf(mariadb: string): Promise<number> {
  return onMariadb(mariadb, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>("show global status like 'Innodb_deadlocks'");
    return Number(rows[0]?.['Value'] ?? 0);
  });
}

function sumOf(all: readonly Deeds[]): Deeds {
  const sum = { passed: 0, repeated: 0, late: 0, lost: 0, afterUndo: 0 };
  for (const deeds of all) {
    for (const name of Object.keys(sum) as (keyof Deeds)[]) sum[name] += deeds[name];
  }
  return sum;
}
