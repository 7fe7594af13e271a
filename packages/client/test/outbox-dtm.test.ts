/** What a relay submits is taken by DTM's own server: messages and sagas, and both once more. */
import { DatabaseSync } from '@photostructure/sqlite';
import { createClient } from '@tandem/client';
import { createOutbox, createOutboxTable } from '@tandem/client/outbox';
import { sqlite } from '@tandem/client/sqlite';
import { describe, expect, test } from 'vitest';
import { startDtm } from './coordinator-processes.js';
import { startParticipant } from './participant.js';

const binary = process.env['TANDEM_TEST_DTM_SERVER'];
if (binary === undefined) console.warn("the outbox and DTM's server: NOT RUN, TANDEM_TEST_DTM_SERVER is not set");

describe.skipIf(binary === undefined)("DTM's server (not run without TANDEM_TEST_DTM_SERVER)", () => {
  test('takes what an outbox sends, and takes it again without a second effect', async () => {
    const coordinator = await startDtm(binary ?? '');
    const receiver = await startParticipant();
    const connection = new DatabaseSync(':memory:');
    const tandem = createClient({ url: coordinator.url });
    const db = sqlite(connection);
    await createOutboxTable(db);
    const outbox = createOutbox(tandem, db);
    const parked: string[] = [];
    const relay = outbox.relay({ pollInterval: '20ms', onParked: ({ reason }) => parked.push(reason) });
    const add = { action: `${receiver.url}/add`, compensate: `${receiver.url}/undo`, payload: { amount: 4 } };
    const sent = [
      tandem.message({ gid: 'message' }).add(add.action, { amount: 1 }),
      tandem.message({ gid: 'late', delay: '1s' }).add(add.action, { amount: 2 }),
      tandem.saga({ gid: 'saga' }).step('one', add),
      tandem
        .saga({ gid: 'refused' })
        .step('one', add)
        .step('two', { action: `${receiver.url}/refuse`, compensate: null }),
    ];
    const statuses = () => Promise.all(sent.map(async ({ gid }) => (await tandem.query(gid))?.status));
    try {
      for (let time = 0; time < 2; time += 1) {
        connection.exec('begin');
        for (const transaction of sent) outbox.send(connection, transaction);
        connection.exec('commit');
        await expect.poll(async () => (await outbox.counts()).waiting).toBe(0);
        await expect.poll(statuses).toEqual(['succeed', 'succeed', 'succeed', 'failed']);
        expect(receiver.balance()).toBe(7);
      }
      expect(parked).toEqual([]);
    } finally {
      await relay.close();
      connection.close();
      receiver.close();
      await coordinator.close();
    }
  });
});
