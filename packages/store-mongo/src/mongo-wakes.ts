import type { WakeFilter } from '@tandem/store';
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import type { TransactionDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';
import { patiently } from './patient.js';

interface Waiting {
  readonly _id: string;
  readonly version: number;
  readonly leaseUntil: number;
}

/** Makes what waits due. */
export class MongoWakes {
  readonly #collections: MongoCollections;

  constructor(collections: MongoCollections) {
    this.#collections = collections;
  }

  /** Answers how many it made due; after a fault in between perhaps fewer than it did. */
  async wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    // To MongoDB a limit of 0 is none.
    if (filter.waitsFor === '' || limit < 1) return 0;
    const waiting = await patiently(() => this.#waiting(filter, limit));
    const free = waiting.filter((one) => one.leaseUntil <= now);
    const leased = waiting.filter((one) => one.leaseUntil > now);
    const [ofFree, ofLeased] = await Promise.all([
      patiently(() => this.#wakeFree(free, filter, now)),
      patiently(() => this.#wakeLeased(leased, now)),
    ]);
    return ofFree + ofLeased;
  }

  async #waiting({ waitsFor, dueAfter }: WakeFilter, limit: number): Promise<readonly Waiting[]> {
    const isWaiting: Filter<TransactionDocument> =
      waitsFor === undefined ? { open: 1, claimableAt: { $gt: dueAfter } } : { waits: waitsFor };
    return this.#collections.transactions
      .find({ ...isWaiting, dueAt: { $gt: dueAfter } }, { batchSize: limit + 1 })
      .project<Waiting>({ version: 1, leaseUntil: 1 })
      .sort({ dueAt: 1 })
      .limit(limit)
      .toArray();
  }

  /** One update for all: nothing of it depends on the document, as long as its lease is free. */
  async #wakeFree(waiting: readonly Waiting[], { dueAfter }: WakeFilter, now: number): Promise<number> {
    if (waiting.length === 0) return 0;
    const gids = waiting.map(({ _id }) => _id);
    const { matchedCount } = await this.#collections.transactions.updateMany(
      {
        _id: { $in: gids },
        claimableAt: { $gt: dueAfter },
        dueAt: { $gt: dueAfter },
        leaseUntil: { $lte: now },
      },
      { $set: { dueAt: now, claimableAt: now }, $inc: { version: 1 } },
    );
    return matchedCount;
  }

  async #wakeLeased(waiting: readonly Waiting[], now: number): Promise<number> {
    if (waiting.length === 0) return 0;
    const updates = waiting.map(({ _id, version, leaseUntil }): AnyBulkWriteOperation<TransactionDocument> => {
      const update = { $set: { dueAt: now, claimableAt: leaseUntil }, $inc: { version: 1 } };
      return { updateOne: { filter: { _id, version }, update } };
    });
    const { matchedCount } = await this.#collections.transactions.bulkWrite(updates, { ordered: false });
    return matchedCount;
  }
}
