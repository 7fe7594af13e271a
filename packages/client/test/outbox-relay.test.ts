/** How a relay behaves towards a coordinator that is away, refuses, is slow or is none; on SQLite, since no engine matters here. */
import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';
import {
  createClient,
  newGid,
  type AsyncBarrierDatabase,
  type ClientOptions,
  type HttpClientOptions,
} from '@tandem/client';
import {
  createOutbox,
  createOutboxTable,
  type Outbox,
  type RelayOptions,
  type SqlDatabase,
} from '@tandem/client/outbox';
import { sqlite } from '@tandem/client/sqlite';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { freePort } from '../../../scripts/processes/free-port.mjs';
import { scriptedCoordinator } from './scripted-coordinator.js';

let connection: DatabaseSyncInstance;
beforeEach(async () => {
  connection = new DatabaseSync(':memory:');
  await createOutboxTable(sqlite(connection));
  return () => connection.close();
});

const success = { status: 200, body: { dtm_result: 'SUCCESS' } };

/** A coordinator that answers a submit as its gid says, such as `503 a`; and what it was asked, in order. */
function answering(special: Readonly<Record<string, () => Promise<Response> | Response>> = {}) {
  const asked: string[] = [];
  const tandem = clientOf({
    fetch: async (_, init) => {
      const { gid } = JSON.parse(init?.body as string) as { readonly gid: string };
      asked.push(gid);
      const answer = special[gid];
      if (answer !== undefined) return answer();
      const status = Number(/^\d{3}/.exec(gid)?.[0] ?? 200);
      const body = { dtm_result: status === 200 ? 'SUCCESS' : 'FAILURE', message: `answered ${String(status)}` };
      return Response.json(body, { status });
    },
  });
  return { asked, ...tandem };
}

function clientOf(options: Partial<HttpClientOptions>) {
  const client = createClient({ url: 'http://coordinator', repeats: 0, ...options } satisfies ClientOptions);
  const outbox = createOutbox(client, sqlite(connection));
  const send = (...gids: string[]): void => {
    connection.exec('begin');
    for (const gid of gids) outbox.send(connection, client.message({ gid }).add('http://receiver/take'));
    connection.exec('commit');
  };
  return { outbox, send };
}

/** A relay that tells what it was told; closed at the end of `work`. */
async function relaying(
  outbox: Outbox<DatabaseSyncInstance, void>,
  options: RelayOptions,
  work: (told: { readonly parked: string[]; readonly errors: unknown[] }) => Promise<void>,
): Promise<void> {
  const told = { parked: [] as string[], errors: [] as unknown[] };
  const relay = outbox.relay({
    pollInterval: '10ms',
    onParked: ({ gid, reason }) => told.parked.push(`${gid}: ${reason}`),
    onError: (error) => told.errors.push(error),
    ...options,
  });
  try {
    await work(told);
  } finally {
    await relay.close();
  }
}

const waiting = async ({ outbox }: Pick<ReturnType<typeof clientOf>, 'outbox'>) => (await outbox.counts()).waiting;

describe('a relay', () => {
  test('brings the oldest first', async () => {
    const coordinator = answering();
    coordinator.send('a', 'b', 'c');
    coordinator.send('d');
    await relaying(coordinator.outbox, { concurrency: 1, batchRows: 2 }, async () => {
      await expect.poll(() => waiting(coordinator)).toBe(0);
    });
    expect(coordinator.asked).toEqual(['a', 'b', 'c', 'd']);
  });

  test('sees at once what its own process sends, once that has committed', async () => {
    const coordinator = answering();
    await relaying(coordinator.outbox, { pollInterval: '1h' }, async () => {
      await expect.poll(() => waiting(coordinator)).toBe(0);
      for (const gid of ['a', 'b']) {
        coordinator.send(gid);
        await expect.poll(() => coordinator.asked.at(-1)).toBe(gid);
      }
    });
  });

  test('waits for a coordinator that is down, and the business goes on meanwhile', async () => {
    const port = await freePort();
    const client = clientOf({ url: `http://127.0.0.1:${String(port)}`, repeats: 3 });
    await relaying(client.outbox, { pollInterval: '1h', backOff: '300ms' }, async ({ errors }) => {
      client.send(...Array.from({ length: 20 }, () => newGid()));
      await expect.poll(() => errors[0]).toMatchObject({ code: 'COORDINATOR_UNREACHABLE' });
      expect(await client.outbox.counts()).toMatchObject({ waiting: 20, parked: 0 });
      const coordinator = await scriptedCoordinator({ submit: [success] }, port);
      try {
        await expect.poll(() => waiting(client)).toBe(0);
        expect(coordinator.received).toHaveLength(20);
      } finally {
        await coordinator.close();
      }
    });
  });

  test.each([401, 404, 503])('puts nothing aside where the way to the coordinator is shut (%i)', async (status) => {
    const gid = `${String(status)} a`;
    let isOpen = false;
    const coordinator = answering({
      [gid]: () => Response.json(isOpen ? success.body : { dtm_result: 'FAILURE' }, { status: isOpen ? 200 : status }),
    });
    coordinator.send(gid);
    await relaying(coordinator.outbox, { backOff: '10ms' }, async ({ errors, parked }) => {
      await expect.poll(() => errors).toHaveLength(1);
      isOpen = true;
      await expect.poll(() => waiting(coordinator)).toBe(0);
      expect(parked).toEqual([]);
    });
  });

  test.each([400, 409, 413, 422])('puts aside what is refused for good (%i), and the others go on', async (status) => {
    const coordinator = answering({
      // Whether a 409 without a code is one of the transaction, the client asks: it is not known.
      [`${String(status)} a`]: () => Response.json({ code: 'NO', message: 'as it is' }, { status }),
    });
    coordinator.send(`${String(status)} a`, 'b');
    await relaying(coordinator.outbox, { concurrency: 1 }, async ({ parked }) => {
      await expect.poll(() => parked).toEqual([`${String(status)} a: the coordinator refused the request: as it is`]);
      await expect.poll(() => waiting(coordinator)).toBe(0);
    });
    expect(await coordinator.outbox.counts()).toMatchObject({ parked: 1 });
    expect(coordinator.asked).toEqual([`${String(status)} a`, 'b']);
  });

  test.each([
    ['that fails (500)', () => Response.json({ message: 'a defect' }, { status: 500 })],
    ['that a proxy before the coordinator refuses', () => new Response('<html>too large</html>', { status: 413 })],
    ['whose connection is lost each time', () => Promise.reject(new TypeError('fetch failed'))],
  ])('lets others go before one %s', async (_, answer) => {
    const coordinator = answering({ bad: answer });
    coordinator.send('bad', 'b', 'c');
    const tries = () => coordinator.asked.filter((gid) => gid === 'bad').length;
    await relaying(coordinator.outbox, { concurrency: 1, backOff: '10ms' }, async ({ errors, parked }) => {
      await expect.poll(() => waiting(coordinator)).toBe(1);
      await expect.poll(() => errors.length).toBeGreaterThan(0);
      expect(parked).toEqual([]);
      // Tried again, later and later.
      await expect.poll(tries).toBeGreaterThan(1);
    });
    const row = connection.prepare('select gid, attempts, reason from tandem_outbox').all();
    expect(row).toEqual([{ gid: 'bad', attempts: tries(), reason: expect.stringMatching(/./) as string }]);
  });

  test('leaves its rows to others after the lease, should it die', async () => {
    // Killed in the middle of a submit: it never hears the answer.
    const dead = clientOf({ timeout: '100ms', fetch: () => new Promise<Response>(() => undefined) });
    const coordinator = answering();
    coordinator.send('a');
    const begunAt = performance.now();
    dead.outbox.relay({ lease: '400ms' });
    const attempts = () => connection.prepare('select attempts from tandem_outbox').all() as unknown[];
    await expect.poll(attempts).toEqual([{ attempts: 1 }]);
    await relaying(coordinator.outbox, {}, async () => {
      await expect.poll(() => waiting(coordinator)).toBe(0);
    });
    expect(performance.now() - begunAt).toBeGreaterThan(390);
  });

  test('whose lease leaves no time for a submit says so, and does not turn in a circle', async () => {
    const coordinator = answering();
    coordinator.send('a');
    // A database so slow that the lease is nearly over when the claim has been answered.
    const slow = performance.now.bind(performance);
    let claims = 0;
    const shifted = vi.spyOn(performance, 'now').mockImplementation(() => slow() + (claims += 1) * 1_000);
    try {
      await relaying(coordinator.outbox, { lease: '10001ms', backOff: '1s' }, async ({ errors }) => {
        await expect.poll(() => errors[0]).toMatchObject({ message: /the lease leaves no time/ });
        await new Promise((resolve) => setTimeout(resolve, 300));
      });
    } finally {
      shifted.mockRestore();
    }
    const [row] = connection.prepare('select attempts from tandem_outbox').all();
    // Pauses that grow: a circle has hundreds.
    expect((row as { attempts: number }).attempts).toBeLessThan(20);
  });

  test('that is closed waits for what is on its way, and leaves the rest', async () => {
    let answer: (response: Response) => void = () => undefined;
    const coordinator = answering({ a: () => new Promise((resolve) => (answer = resolve)) });
    coordinator.send('a', 'b');
    const relay = coordinator.outbox.relay({ concurrency: 1 });
    await expect.poll(() => coordinator.asked).toEqual(['a']);
    let isClosed = false;
    const closed = relay.close().then(() => (isClosed = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(false);
    answer(Response.json(success.body));
    await closed;
    expect(connection.prepare('select gid from tandem_outbox').all()).toEqual([{ gid: 'b' }]);
    // To be had at once, not after the lease.
    await relaying(coordinator.outbox, {}, () => expect.poll(() => waiting(coordinator)).toBe(0));
    expect(coordinator.asked).toEqual(['a', 'b']);
  });

  test('ends by its signal, and does not begin where that has come before', async () => {
    const coordinator = answering();
    coordinator.send('a');
    const relay = coordinator.outbox.relay({ signal: AbortSignal.abort() });
    await relay.close();
    expect(coordinator.asked).toEqual([]);
    const controller = new AbortController();
    const second = coordinator.outbox.relay({ signal: controller.signal });
    await expect.poll(() => waiting(coordinator)).toBe(0);
    controller.abort();
    await second.close();
  });

  test('survives what its callbacks throw', async () => {
    const logged = vi.spyOn(console, 'error').mockReturnValue();
    const throwing = () => {
      throw new Error('of the callback');
    };
    const rejecting = () => Promise.reject(new Error('of the callback'));
    const coordinator = answering();
    coordinator.send('400 a', '500 b', 'c');
    await relaying(coordinator.outbox, { concurrency: 1, onParked: throwing, onError: rejecting }, async () => {
      await expect.poll(() => coordinator.asked).toContain('c');
      await expect.poll(() => logged.mock.calls).toHaveLength(2);
    });
    expect(logged).toHaveBeenCalledTimes(2);
    logged.mockRestore();
  });

  test('goes on when its table is there at last', async () => {
    connection.exec('alter table tandem_outbox rename to hidden');
    const coordinator = answering();
    await relaying(coordinator.outbox, { backOff: '10ms' }, async ({ errors }) => {
      await expect.poll(() => errors[0]).toMatchObject({ code: 'OUTBOX_TABLE_MISSING' });
      connection.exec('alter table hidden rename to tandem_outbox');
      coordinator.send('a');
      await expect.poll(() => waiting(coordinator)).toBe(0);
    });
  });

  test('puts aside a row that somebody has spoilt', async () => {
    const coordinator = answering();
    coordinator.send('a', 'b');
    connection.exec("update tandem_outbox set request = '{' where gid = 'a'");
    await relaying(coordinator.outbox, {}, async ({ parked }) => {
      await expect.poll(() => waiting(coordinator)).toBe(0);
      expect(parked).toEqual(['a: what is stored is no request of an outbox']);
    });
  });
});

describe('bad use', () => {
  test.each<[string, RelayOptions, RegExp]>([
    ['a lease that a submit may outlast', { lease: '10s' }, /longer than the timeout of the client \(10000 ms\)/],
    ['a misspelt option', { interval: '1s' } as RelayOptions, /no option "interval", but .*pollInterval/],
    ['no rows', { batchRows: 0 }, /batchRows must be a whole number from 1 to 1000/],
    ['too many at once', { concurrency: 101 }, /concurrency must be a whole number from 1 to 100/],
    ['a time without a unit', { pollInterval: '5' as '5s' }, /pollInterval/],
  ])('%s is refused', (_, options, told) => {
    expect(() => answering().outbox.relay(options)).toThrow(told);
  });

  test('what is no SQL database is refused', () => {
    const db = { mode: 'async' } as AsyncBarrierDatabase<unknown> as SqlDatabase<unknown> & { mode: 'async' };
    const create = () => createOutbox(createClient({ url: 'http://coordinator' }), db);
    expect(create).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });
});
