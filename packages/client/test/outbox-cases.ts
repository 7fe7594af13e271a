/** The outbox, for every library that speaks SQL: written in its own transaction, and brought to a coordinator of this process. */
import { BranchFailure, branchHandler, createClient, newGid, type Client } from '@tandem/client';
import { embedded, fetchCaller, localFetch } from '@tandem/client/embedded';
import { createOutbox, createOutboxTable, type AsyncSqlDatabase, type Outbox } from '@tandem/client/outbox';
import { Coordinator } from '@tandem/coordinator';
import { MemoryStore } from '@tandem/store';
import { beforeAll, expect, test } from 'vitest';

/** A library, connected to a database of its own. */
export interface OutboxEngine<Tx> {
  readonly db: AsyncSqlDatabase<Tx>;
  /** The library's own transaction. */
  begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** What is no transaction, and might be given for one. */
  readonly notOpen: unknown;
}

const table = 'outbox_of_test';
const receiver = 'http://here/receive';

export function outboxCases<Tx>(engineOf: () => OutboxEngine<Tx>): void {
  let engine: OutboxEngine<Tx>;
  let tandem: Client;
  let outbox: Outbox<Tx>;
  const received: (readonly [gid: string, payload: unknown])[] = [];

  beforeAll(async () => {
    engine = engineOf();
    const handler = branchHandler(({ gid, payload }) => {
      received.push([gid, payload]);
      if (gid.startsWith('refused')) throw new BranchFailure('as meant');
    });
    const caller = fetchCaller({ fetch: localFetch({ [receiver]: handler }) });
    const coordinator = new Coordinator({ store: new MemoryStore(), caller });
    await coordinator.start();
    tandem = createClient({ coordinator: embedded(coordinator) });
    const db = engine.db;
    await Promise.all(Array.from({ length: 3 }, () => createOutboxTable(db, { table })));
    outbox = createOutbox(tandem, db, { table });
    return () => coordinator.close(0);
  });

  const receivedBy = (gid: string) => received.filter(([of]) => of === gid).map(([, payload]) => payload);
  const relayed = async (): Promise<void> => {
    const relay = outbox.relay({ pollInterval: '20ms', onParked: () => undefined });
    await expect.poll(async () => (await outbox.counts()).waiting).toBe(0);
    await relay.close();
  };

  test('what a transaction sent is delivered once it has committed, as it was', async () => {
    const gid = `it's "${newGid()}" \\ $1 ? é 漢 😀`;
    const payload = {
      text: `quotes ' " \`, a backslash \\, ? and $1 and :name, \u0000, é 漢 😀`,
      long: 'x'.repeat(200_000),
    };
    await engine.begin(async (tx) => outbox.send(tx, tandem.message({ gid }).add(receiver, payload)));
    expect(await outbox.counts()).toMatchObject({ waiting: 1, parked: 0 });
    expect(receivedBy(gid)).toEqual([]);
    await relayed();
    await expect.poll(() => receivedBy(gid)).toEqual([payload]);
  });

  test('what a transaction sent that was rolled back is not there', async () => {
    const gid = newGid();
    const failing = engine.begin(async (tx) => {
      await outbox.send(tx, tandem.message({ gid }).add(receiver));
      throw new Error('as meant');
    });
    await expect(failing).rejects.toThrow('as meant');
    expect(await outbox.counts()).toEqual({ waiting: 0, parked: 0, oldestWaitingMs: 0 });
  });

  test('nothing is sent outside a transaction', async () => {
    for (const notOpen of [engine.notOpen, undefined, null, 'tx']) {
      const send = async () => outbox.send(notOpen as Tx, tandem.message().add(receiver));
      await expect(send()).rejects.toMatchObject({ code: 'OUTBOX_OUTSIDE_TRANSACTION' });
    }
    expect(await outbox.counts()).toMatchObject({ waiting: 0 });
  });

  test('a saga is sent as well, and its outcome is its own', async () => {
    const gid = `refused-${newGid()}`;
    const saga = tandem.saga({ gid }).step('one', { action: receiver, compensate: null, payload: { n: 1 } });
    await engine.begin(async (tx) => outbox.send(tx, saga));
    await relayed();
    const status = async () => (await tandem.query(gid))?.status;
    await expect.poll(status).toBe('failed');
    // Sent once more, as by a relay that died before it had deleted the row: nothing is refused, nothing is done.
    await engine.begin(async (tx) => outbox.send(tx, saga));
    await relayed();
    expect(await outbox.counts()).toMatchObject({ waiting: 0, parked: 0 });
    expect(receivedBy(gid)).toEqual([{ n: 1 }]);
  });

  test('what the coordinator refuses is put aside, and the rest goes on; put back, it is tried again', async () => {
    const [first, gid] = [newGid(), newGid()];
    await tandem.message({ gid }).add(receiver, { n: 1 }).submit();
    await engine.begin(async (tx) => {
      await outbox.send(tx, tandem.message({ gid }).add(receiver, { n: 2 }));
      await outbox.send(tx, tandem.message({ gid: first }).add(receiver, { n: 3 }));
    });
    const parked: unknown[] = [];
    const relay = outbox.relay({ pollInterval: '20ms', onParked: (row) => parked.push(row) });
    const reason = expect.stringMatching(/exists with other content/) as string;
    const expected = [{ id: expect.any(String) as string, gid, reason, attempts: 1 }];
    await expect.poll(() => parked).toEqual(expected);
    await expect.poll(() => receivedBy(first)).toEqual([{ n: 3 }]);
    expect(await outbox.parked()).toEqual(expected);
    expect(await outbox.counts()).toEqual({ waiting: 0, parked: 1, oldestWaitingMs: 0 });
    await outbox.putBack(gid);
    await expect.poll(() => parked).toHaveLength(2);
    await outbox.discard(gid);
    expect(await outbox.counts()).toMatchObject({ waiting: 0, parked: 0 });
    await relay.close();
  });

  test('a message that was given up under the same gid is put aside: nobody will get it', async () => {
    const message = tandem.message().add(receiver, { n: 1 });
    await message.prepare('http://here/check');
    await message.abort();
    await engine.begin(async (tx) => outbox.send(tx, message));
    await relayed();
    expect(await outbox.parked()).toEqual([
      expect.objectContaining({ gid: message.gid, reason: expect.stringMatching(/failed/) as string }),
    ]);
    await outbox.discard(message.gid);
  });

  test('relays side by side send each message once', async () => {
    const gids = Array.from({ length: 120 }, () => newGid());
    for (let from = 0; from < gids.length; from += 20) {
      await engine.begin(async (tx) => {
        for (const gid of gids.slice(from, from + 20)) await outbox.send(tx, tandem.message({ gid }).add(receiver));
      });
    }
    const submits: string[] = [];
    const { coordinator } = tandem.connection;
    const counting = createClient({
      coordinator: {
        ...coordinator,
        post: (verb, body, call) => {
          submits.push(String(body['gid']));
          return coordinator.post(verb, body, call);
        },
      },
    });
    const errors: unknown[] = [];
    const options = {
      batchRows: 7,
      pollInterval: '20ms',
      onError: (error: unknown) => errors.push(error),
    } as const;
    const relays = Array.from({ length: 4 }, () => createOutbox(counting, engine.db, { table }).relay(options));
    await expect.poll(async () => (await outbox.counts()).waiting).toBe(0);
    await Promise.all(relays.map((relay) => relay.close()));
    expect(errors).toEqual([]);
    expect(submits.sort()).toEqual(gids.sort());
    for (const gid of gids) await expect.poll(() => receivedBy(gid)).toHaveLength(1);
  });

  test('a relay that stands still in the middle of a claim keeps nobody from sending, nor from relaying', async ({
    skip,
  }) => {
    skip(engine.db.sql.engine === 'sqlite', 'where whoever writes is alone');
    const gids = [newGid(), newGid(), newGid()];
    const send = (gid: string) => engine.begin(async (tx) => outbox.send(tx, tandem.message({ gid }).add(receiver)));
    for (const gid of gids.slice(0, 2)) await send(gid);
    let goOn: () => void = () => undefined;
    const standing = new Promise<void>((resolve) => (goOn = resolve));
    let hasClaimed = false;
    const { sql } = engine.db;
    const stopped: typeof engine.db = {
      ...engine.db,
      sql: {
        ...sql,
        transaction: (work) =>
          sql.transaction(async (run) => {
            const value = await work(run);
            hasClaimed = true;
            await standing;
            return value;
          }),
      },
    };
    const relays = [createOutbox(tandem, stopped, { table }).relay()];
    await expect.poll(() => hasClaimed).toBe(true);
    await send(gids[2] ?? '');
    relays.push(outbox.relay({ pollInterval: '20ms' }));
    await expect.poll(async () => (await outbox.counts()).waiting).toBe(2);
    goOn();
    await expect.poll(async () => (await outbox.counts()).waiting).toBe(0);
    await Promise.all(relays.map((relay) => relay.close()));
    for (const gid of gids) await expect.poll(() => receivedBy(gid)).toHaveLength(1);
  });

  test('a table that is missing is named, with what to do about it', async () => {
    const nowhere = createOutbox(tandem, engine.db, { table: 'nowhere' });
    const code = {
      code: 'OUTBOX_TABLE_MISSING',
      message: expect.stringMatching(/nowhere.*createOutboxTable/) as string,
    };
    const send = engine.begin(async (tx) => nowhere.send(tx, tandem.message().add(receiver)));
    await expect(send).rejects.toMatchObject(code);
    await expect(nowhere.counts()).rejects.toMatchObject(code);
  });
}
