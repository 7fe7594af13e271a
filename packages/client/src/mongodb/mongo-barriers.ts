/**
 * Barriers in MongoDB's transactions, in DTM's collection `dtm_barrier.barrier`.
 *
 * MongoDB waits for no lock inside a transaction: of two that insert the same row, one fails with a transient error and is begun
 * again, with all its work. Outside of one a write waits, as a back-check does, but not for long.
 */
import type { BarrierRow } from '@tandem/protocol';
import type { ClientSession, Collection, MongoClient } from 'mongodb';
import type { AsyncBarrierDatabase, AsyncBarrierSession } from '../barrier/barrier-database.js';
import { keyOf } from '../barrier/row-key.js';
import { durationMs, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';
import { checkNames, type OptionNames } from '../option-names.js';
import { isDuplicateKey, isLocked } from './mongo-errors.js';
import { MongoServer } from './mongo-server.js';

/** Where the rows are, and how they are waited for. */
export interface MongoBarrierOptions {
  /** On which a transaction is open, for `barrier.run` in it. */
  readonly session?: ClientSession;
  /** Where the rows are, as `database.collection`. Default `dtm_barrier.barrier`. */
  readonly collection?: string;
  /** How long a back-check waits for the local transaction before it answers that it is open. Default 2 s. */
  readonly checkLockTimeout?: Duration;
}

/** A row as it is stored, with DTM's names. `_id` is made of its key, so that there is one of it without an index too. */
interface BarrierDocument extends BarrierKey {
  readonly _id: string;
  readonly trans_type: string;
  readonly reason: string;
  readonly create_time: Date;
}

interface BarrierKey {
  readonly gid: string;
  readonly branch_id: string;
  readonly op: string;
  readonly barrier_id: string;
}

const optionNames: OptionNames<MongoBarrierOptions> = { session: true, collection: true, checkLockTimeout: true };

const transactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
} as const;

/**
 * Uses a client, of which every transaction is a session's; or the session that it is given, for `barrier.run`. The work gets the
 * session, must give it to each of its operations, and is done again where MongoDB asks for it.
 */
export function mongoBarriers(
  client: MongoClient,
  options: MongoBarrierOptions = {},
): AsyncBarrierDatabase<ClientSession> {
  checkNames('mongoBarriers', options, optionNames);
  const rows = collectionOf(client, options);
  const server = new MongoServer(client.db('admin'));
  const { session: opened } = options;
  return {
    mode: 'async',
    joined: async (work) => {
      if (opened?.inTransaction() === true) return work(barrierSession(rows, { server, session: opened }));
      const hint = 'give it as mongoBarriers(client, { session }), or use barrier.transaction';
      throw new InvalidUse(
        'BARRIER_OUTSIDE_TRANSACTION',
        `barrier.run needs a session with a transaction open: ${hint}`,
      );
    },
    transaction: async (work) => {
      if (opened !== undefined) {
        const told = 'barrier.transaction begins a session of its own: use barrier.run in this one';
        throw new InvalidUse('BARRIER_OUTSIDE_TRANSACTION', told);
      }
      await server.requireTransactions();
      return client.withSession((session) =>
        session.withTransaction(async () => work(barrierSession(rows, { server, session })), transactionOptions),
      );
    },
    // In no transaction: there it would not wait. Both statements are whole by themselves.
    check: async (work) => {
      const maxTimeMS = Math.max(1, durationMs('checkLockTimeout', options.checkLockTimeout ?? '2s'));
      try {
        return await client.withSession(async (session) => work(barrierSession(rows, { server, session, maxTimeMS })));
      } catch (error) {
        if (isLocked(error)) return 'open';
        throw error;
      }
    },
  };
}

/** Creates the collection with its indexes, where they are missing; old rows are found by one, and a row by its key by the other. */
export async function createBarrierCollection(client: MongoClient, options: MongoBarrierOptions = {}): Promise<void> {
  await collectionOf(client, options).createIndexes([
    { key: { gid: 1, branch_id: 1, op: 1, barrier_id: 1 }, unique: true },
    { key: { create_time: 1 } },
  ]);
}

function collectionOf(client: MongoClient, { collection }: MongoBarrierOptions): Collection<BarrierDocument> {
  const [database, name, ...more] = (collection ?? 'dtm_barrier.barrier').split('.');
  if (!database || !name || more.length > 0) {
    throw new InvalidUse(
      'INVALID_OPTION',
      `"${collection ?? ''}" is not the name of a collection, as in "database.collection"`,
    );
  }
  return client.db(database).collection(name);
}

interface SessionScope {
  readonly server: MongoServer;
  readonly session: ClientSession;
  readonly maxTimeMS?: number;
}

function barrierSession(
  rows: Collection<BarrierDocument>,
  { server, session, maxTimeMS }: SessionScope,
): AsyncBarrierSession<ClientSession> {
  const isOpen = session.inTransaction();
  // A transaction has concerns of its own, and its operations may have none.
  const writing = { session, ...(isOpen ? {} : { writeConcern: { w: 'majority' } as const }) };
  const reading = { session, ...(isOpen ? {} : { readConcern: { level: 'majority' } as const }) };
  const limit = maxTimeMS === undefined ? {} : { maxTimeMS };
  return {
    tx: session,
    insert: async (row) => {
      const { transType: trans_type, reason } = row;
      const _id = keyOf(row).map(encodeURIComponent).join(':');
      const inserted = { _id, trans_type, reason, create_time: await server.now() };
      try {
        const options = { ...writing, ...limit, upsert: true };
        return (await rows.updateOne(storedKey(row), { $setOnInsert: inserted }, options)).upsertedCount > 0;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // Outside a transaction another one was quicker. Inside, its snapshot is older than the row: to be begun again.
        if (!isOpen) return false;
        error.addErrorLabel('TransientTransactionError');
        throw error;
      }
    },
    reasonOf: async (row) => {
      const found = await rows.findOne(storedKey(row), { ...reading, ...limit, readPreference: 'primary' });
      return found?.reason;
    },
    deleteOld: async ({ seconds, rowsMax }) => {
      const before = new Date((await server.now()).getTime() - seconds * 1_000);
      const old = rows.find({ create_time: { $lt: before } }, { ...reading, projection: { _id: 1 } });
      const ids = (await old.sort({ create_time: 1 }).limit(rowsMax).toArray()).map(({ _id }) => _id);
      return (await rows.deleteMany({ _id: { $in: ids } }, writing)).deletedCount;
    },
  };
}

function storedKey({ gid, branchId, op, barrierId }: BarrierRow): BarrierKey {
  return { gid, branch_id: branchId, op, barrier_id: barrierId };
}
