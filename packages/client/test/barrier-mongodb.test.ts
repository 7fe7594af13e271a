import { Barrier, newGid } from '@tandem/client';
import { createBarrierCollection, mongoBarriers } from '@tandem/client/mongodb';
import { MongoClient, WriteConcern, type ClientSession } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { barrierCases } from './barrier-cases.js';
import type { BarrierEngine } from './barrier-engine.js';

const replicaSetUrl = process.env['TANDEM_TEST_MONGO_REPLICA_SET_URL'];
if (replicaSetUrl === undefined) {
  console.warn('Barriers in transactions of MongoDB: NOT RUN, TANDEM_TEST_MONGO_REPLICA_SET_URL names no replica set');
}

const databaseName = `tandem_barrier_${String(process.pid)}`;
const options = { collection: `${databaseName}.barrier`, checkLockTimeout: '1s' } as const;

describe.skipIf(replicaSetUrl === undefined)('MongoDB (not run without TANDEM_TEST_MONGO_REPLICA_SET_URL)', () => {
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(replicaSetUrl ?? '').connect();
    await Promise.all(Array.from({ length: 4 }, () => createBarrierCollection(client, options)));
    await client.db(databaseName).collection('account').insertOne({ balance: 0 });
  });
  afterAll(async () => {
    await client.db(databaseName).dropDatabase();
    await client.close();
  });

  barrierCases(async () => engineOn(client));

  test('work whose transaction meets another is begun again', async () => {
    let runs = 0;
    const gid = newGid();
    const before = await engineOn(client).balance();
    const barrier = new Barrier({ gid, transType: 'saga', branchId: '01', op: 'action' });
    await barrier.transaction(mongoBarriers(client, options), async (session) => {
      runs += 1;
      const account = client.db(databaseName).collection('account');
      await account.findOne({}, { session });
      // Younger than the snapshot that was just taken.
      if (runs === 1) await account.updateOne({}, { $inc: { balance: 5 } });
      await account.updateOne({}, { $inc: { balance: 30 } }, { session });
    });
    expect(runs).toBe(2);
    expect((await engineOn(client).balance()) - before).toBe(35);
  });
});

function engineOn(client: MongoClient): BarrierEngine {
  const database = client.db(databaseName);
  const account = database.collection('account');
  const barriers = database.collection('barrier');
  const db = mongoBarriers(client, options);
  const inSession = (session: ClientSession) => mongoBarriers(client, { ...options, session });
  const balance = async (session?: ClientSession): Promise<number> => {
    const found = await account.findOne({}, session === undefined ? {} : { session });
    return (found as { balance: number } | null)?.balance ?? Number.NaN;
  };
  const write = async (session: ClientSession, amount: number): Promise<number> => {
    await account.updateOne({}, { $inc: { balance: amount } }, { session });
    return balance(session);
  };
  /** One transaction that is not begun again: what it meets is thrown. */
  const within = async <T>(end: 'commit' | 'rollback', work: (session: ClientSession) => Promise<T>): Promise<T> =>
    client.withSession(async (session) => {
      session.startTransaction({ readConcern: { level: 'snapshot' }, writeConcern: new WriteConcern('majority') });
      try {
        const value = await work(session);
        await (end === 'commit' ? session.commitTransaction() : session.abortTransaction());
        return value;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction();
        throw error;
      }
    });
  return {
    add: (barrier, amount, error) =>
      barrier.transaction(db, async (session) => {
        const value = await write(session, amount);
        if (error !== undefined) throw error;
        return value;
      }),
    addWithin: (barrier, amounts, end) =>
      within(end, async (session) => {
        const results = [];
        for (const amount of amounts) {
          results.push(await barrier.run(inSession(session), (tx) => write(tx, amount)));
        }
        return results;
      }),
    runOutside: (barrier) => barrier.run(db, () => 1),
    backCheck: (barrier) => barrier.backCheck(db),
    whileOpen: async (barrier, end, meanwhile) => {
      await within(end, async (session) => {
        await barrier.run(inSession(session), (tx) => write(tx, 1));
        await meanwhile();
      });
    },
    addStalled: (barrier, amount, meanwhile) =>
      within('commit', async (session) => {
        await balance(session);
        await meanwhile();
        await barrier.run(inSession(session), (tx) => write(tx, amount));
      }),
    db,
    age: (gid) => barriers.updateMany({ gid }, { $set: { create_time: new Date(Date.now() - 2 * 86_400_000) } }),
    balance: () => balance(),
    rows: async (gid) => {
      const rows = await barriers.find({ gid }).sort({ create_time: 1, op: 1, barrier_id: 1 }).toArray();
      return rows.map(({ branch_id, op, barrier_id, reason }) => [branch_id, op, barrier_id, reason].join(' '));
    },
    close: () => Promise.resolve(),
  };
}
