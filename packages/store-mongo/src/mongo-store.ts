import {
  decodePosition,
  StoreError,
  type Backlog,
  type BatchLimits,
  type ClaimRequest,
  type ClaimResult,
  type KeyValue,
  type KeyValuePage,
  type LoadDepth,
  type PurgeResult,
  type ScanFilter,
  type ScanPage,
  type Store,
  type StoredTransaction,
  type WakeFilter,
  type WriteItem,
  type WriteResult,
} from '@tandem/store';
import type { Db, MongoClient } from 'mongodb';
import { checkAtomicity } from './atomicity-check.js';
import { MongoClaims } from './mongo-claims.js';
import { collectionsOf, type MongoCollections } from './mongo-collections.js';
import { MongoKeyValues } from './mongo-key-values.js';
import { MongoListing } from './mongo-listing.js';
import { migrate } from './mongo-migrations.js';
import { MongoParts } from './mongo-parts.js';
import { MongoPurge } from './mongo-purge.js';
import { MongoReads } from './mongo-reads.js';
import { MongoWakes } from './mongo-wakes.js';
import { MongoWrites } from './mongo-writes.js';
import { patiently } from './patient.js';
import type { SpillLimits } from './spill.js';

/** A store in MongoDB. `openMongoStore` makes one. */
export class MongoStore implements Store {
  /** Several batches hide the round trips to a majority; each takes two connections. */
  readonly batchLimits: BatchLimits = { itemsMax: 256, bytesMax: 8 << 20, batchesMax: 3 };
  readonly #client: MongoClient;
  readonly #collections: MongoCollections;
  readonly #writes: MongoWrites;
  readonly #reads: MongoReads;
  readonly #listing: MongoListing;
  readonly #claims: MongoClaims;
  readonly #wakes: MongoWakes;
  readonly #purge: MongoPurge;
  readonly #keyValues: MongoKeyValues;
  readonly #underWay = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(client: MongoClient, database: Db, limits: SpillLimits) {
    this.#client = client;
    this.#collections = collectionsOf(database);
    const parts = new MongoParts(this.#collections);
    this.#writes = new MongoWrites(this.#collections, parts, limits);
    this.#reads = new MongoReads(this.#collections, parts);
    this.#listing = new MongoListing(this.#collections);
    this.#claims = new MongoClaims(this.#collections, this.#reads);
    this.#wakes = new MongoWakes(this.#collections);
    this.#purge = new MongoPurge(this.#collections, parts);
    this.#keyValues = new MongoKeyValues(this.#collections);
  }

  async migrate(): Promise<void> {
    await this.#run(() => patiently(() => migrate(this.#collections)));
    await this.#run(() => patiently(() => checkAtomicity(this.#collections)));
  }

  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    return this.#run(() => patiently(() => this.#writes.write(items)));
  }

  async load(gids: readonly string[], depth: LoadDepth): Promise<readonly (StoredTransaction | undefined)[]> {
    return this.#run(() => patiently(() => this.#reads.load(gids, depth)));
  }

  async claimDue(request: ClaimRequest): Promise<ClaimResult> {
    return this.#run(() => this.#claims.claim(request));
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    // What a caller did wrong is no fault of the store.
    if (cursor !== undefined) decodePosition(cursor);
    return this.#run(() => patiently(() => this.#listing.scan(filter, cursor, limit)));
  }

  async wake(filter: WakeFilter, now: number, limit: number): Promise<number> {
    return this.#run(() => this.#wakes.wake(filter, now, limit));
  }

  async purge(finishedBefore: number, cursor: string | undefined, limit: number): Promise<PurgeResult> {
    return this.#run(() => patiently(() => this.#purge.purge(finishedBefore, cursor, limit)));
  }

  async getKeyValue(category: string, key: string): Promise<KeyValue | undefined> {
    return this.#run(() => patiently(() => this.#keyValues.get(category, key)));
  }

  async putKeyValue(
    category: string,
    key: string,
    value: string,
    expectedVersion: number,
    now: number,
  ): Promise<boolean> {
    return this.#run(() => this.#keyValues.put({ category, key, value }, expectedVersion, now));
  }

  async deleteKeyValue(category: string, key: string): Promise<boolean> {
    return this.#run(() => this.#keyValues.delete(category, key));
  }

  async scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    return this.#run(() => patiently(() => this.#keyValues.scan(category, cursor, limit)));
  }

  async backlog(now: number): Promise<Backlog> {
    const { transactions } = this.#collections;
    return this.#run(() =>
      patiently(async () => {
        const [unfinished, overdue, paused] = await Promise.all([
          transactions.countDocuments({ open: 1 }),
          transactions.countDocuments({ open: 1, claimableAt: { $lte: now } }),
          transactions.countDocuments({ open: 1, isPaused: true }),
        ]);
        return { unfinished, overdue, paused };
      }),
    );
  }

  /** Writes a line to the majority, so that it fails when writes do. */
  async ping(): Promise<{ readonly engineNow: number | undefined }> {
    const { db, meta } = this.#collections;
    return this.#run(() =>
      patiently(async () => {
        await meta.updateOne({ _id: 'ping' }, { $set: { at: new Date() } }, { upsert: true });
        const { localTime } = await db.command({ hello: 1 });
        return { engineNow: localTime instanceof Date ? localTime.getTime() : undefined };
      }),
    );
  }

  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#client.close();
  }

  async #run<T>(verb: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw new StoreError('closed', 'the store is closed');
    const result = verb();
    this.#underWay.add(result);
    try {
      return await result;
    } finally {
      this.#underWay.delete(result);
    }
  }
}
