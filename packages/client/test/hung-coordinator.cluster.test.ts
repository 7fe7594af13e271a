/** Two coordinators on one PostgreSQL, one of which is stopped by SIGSTOP: it keeps its port and its connections, and says nothing. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, newGid, TransactionOngoing, type Client } from '@tandem/client';
import { grpcCoordinator } from '@tandem/client/grpc';
import { Client as PgClient } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeChoice } from '../src/coordinator/node-choice.js';
import { startTandem, type RunningTandem } from './coordinator-processes.js';

const postgresUrl = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';

const schema = `tandem_hung_${crypto.randomUUID().slice(0, 8)}`;
const settings = {
  TANDEM_STORE: postgresUrl,
  STORE_SCHEMA: schema,
  TANDEM_LEASE: '3',
  TANDEM_LEASE_SKEW: '0.5',
  TRANS_CRON_INTERVAL: '0.5',
  TANDEM_NODE_HEARTBEAT: '0.5',
};

const nodes: RunningTandem[] = [];
let participant: Server;
let action: string;
let calls: string[];
/** What the participant does before it answers. */
let meanwhile: () => Promise<void> | void;

beforeEach(async () => {
  for (let count = 0; count < 2; count += 1) nodes.push(await startTandem(settings));
  calls = [];
  meanwhile = () => undefined;
  participant = createServer((request, response) => {
    calls.push(new URL(request.url ?? '', 'http://x').searchParams.get('op') ?? '');
    void (async () => {
      await meanwhile();
      response.end('{}');
    })();
  });
  await new Promise<void>((resolve) => participant.listen(0, '127.0.0.1', resolve));
  action = `http://127.0.0.1:${String((participant.address() as AddressInfo).port)}/do`;
});

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
  participant.closeAllConnections();
  await new Promise((resolve) => participant.close(resolve));
  const client = new PgClient({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`drop schema if exists ${schema} cascade`);
  await client.end();
});

/** One that the first of the two is asked about. */
function gidOfTheFirst(): string {
  for (;;) {
    const gid = newGid();
    if (new NodeChoice([0, 1]).next(gid, 0, new Set()) === 0) return gid;
  }
}

/** Waits again where the coordinator let the caller wait no longer, as it may on a busy machine. */
async function untilEnded<T>(submit: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await submit();
    } catch (error) {
      if (!(error instanceof TransactionOngoing)) throw error;
    }
  }
}

interface Wire {
  readonly name: string;
  make(timeout: '10s'): { readonly tandem: Client; close(): void };
}

const wires: readonly Wire[] = [
  {
    name: 'HTTP',
    make: (timeout) => ({
      tandem: createClient({ url: nodes.map(({ url }) => url), timeout }),
      close: () => undefined,
    }),
  },
  {
    name: 'gRPC',
    make: (timeout) => {
      const coordinator = grpcCoordinator({ address: nodes.map(({ grpcAddress }) => grpcAddress), timeout });
      return { tandem: createClient({ coordinator }), close: () => coordinator.close() };
    },
  },
];

const title = `two coordinators on one PostgreSQL${postgresUrl === '' ? ' (needs TANDEM_TEST_POSTGRES_URL)' : ''}`;
describe.skipIf(postgresUrl === '').each(wires)(`${title}, by $name`, ({ make }) => {
  test('one that hangs takes a part of the time limit and not all of it, from whatever asks', async () => {
    const { tandem, close } = make('10s');
    nodes[0]?.pause();
    const gids = Array.from({ length: 8 }, newGid);
    const waitResult = true;
    const done = await Promise.all(
      gids.map((gid) => tandem.saga({ gid }).step('it', { action, compensate: null }).submit({ waitResult })),
    );
    expect(done.map(({ status }) => status)).toEqual(Array(8).fill('succeed'));
    expect((await Promise.all(gids.map((gid) => tandem.query(gid)))).map((found) => found?.status)).toEqual(
      Array(8).fill('succeed'),
    );
    const seat = { try: action, confirm: null, cancel: null };
    await Promise.all(gids.map((gid) => tandem.tcc({ gid: `${gid}-tcc` }, (tcc) => tcc.branch('seat', seat))));
    expect(calls).toHaveLength(16);

    // What it takes up when it is woken has been done by then, or is a repeat.
    nodes[0]?.resume();
    for (const gid of gids) {
      expect(await tandem.saga({ gid }).step('it', { action, compensate: null }).submit({ waitResult })).toMatchObject({
        status: 'succeed',
      });
    }
    expect(calls).toHaveLength(16);
    close();
  });

  test('a long wait at one that lives is not cut short, and the step is called once', async () => {
    const { tandem, close } = make('10s');
    meanwhile = () => new Promise((resolve) => setTimeout(resolve, 3_500));
    const saga = tandem.saga({ requestTimeout: '15s' }).step('slow', { action, compensate: null });
    expect(await saga.submit({ waitResult: true })).toMatchObject({ status: 'succeed' });
    expect(calls).toEqual(['action']);
    close();
  });

  test('one that is stopped while its caller waits: the other one goes on, and tells the outcome', async () => {
    const { tandem, close } = make('10s');
    meanwhile = () => {
      if (calls.length === 1) nodes[0]?.pause();
    };
    const saga = tandem.saga({ gid: gidOfTheFirst() });
    const steps = saga.step('it', { action, compensate: null }).step('more', { action, compensate: null });
    expect(await untilEnded(() => steps.submit({ waitResult: true }))).toMatchObject({ status: 'succeed' });
    expect(calls).toHaveLength(3);
    close();
  });
});
