import { decodePosition, encodePosition, type PurgeResult } from '@tandem/store';
import type { Filter } from 'mongodb';
import type { TransactionDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';
import { wantedParts, type MongoParts } from './mongo-parts.js';

/** What a write left beside its document and never published is garbage after that: no write is tried for so long. */
const orphanAgeMs = 3_600_000;
const partsCursor = 'parts ';

/**
 * Deletes what finished long ago, oldest created first, then looks through the parts for what nothing refers to. Each call looks
 * at no more than its limit.
 */
export class MongoPurge {
  readonly #collections: MongoCollections;
  readonly #parts: MongoParts;

  constructor(collections: MongoCollections, parts: MongoParts) {
    this.#collections = collections;
    this.#parts = parts;
  }

  async purge(finishedBefore: number, cursor: string | undefined, limitAsked: number): Promise<PurgeResult> {
    // To MongoDB a limit of 0 is none.
    const limit = Math.max(1, limitAsked);
    if (cursor?.startsWith(partsCursor) === true) {
      return this.#sweepParts(finishedBefore - orphanAgeMs, cursor.slice(partsCursor.length), limit);
    }
    const seen = await this.#oldest(finishedBefore, cursor, limit);
    const old = seen.filter(({ finishedAt }) => finishedAt !== undefined && finishedAt < finishedBefore);
    const purged = await this.#delete(old, finishedBefore);
    const last = seen.length < limit ? undefined : seen.at(-1);
    if (last !== undefined) {
      return { purged, nextCursor: encodePosition({ createdAt: last.createdAt, gid: last._id }) };
    }
    const isAnyPart = (await this.#collections.parts.findOne({}, { projection: { _id: 1 } })) !== null;
    return { purged, nextCursor: isAnyPart ? partsCursor : undefined };
  }

  async #oldest(finishedBefore: number, cursor: string | undefined, limit: number) {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    // What finished before then was created before then.
    const range: Filter<TransactionDocument>[] = [{ createdAt: { $lt: finishedBefore } }];
    if (after !== undefined) {
      const { createdAt, gid } = after;
      range.push({ createdAt: { $gte: createdAt } });
      range.push({ $or: [{ createdAt: { $gt: createdAt } }, { createdAt, _id: { $gt: gid } }] });
    }
    return this.#collections.transactions
      .find({ $and: range }, { batchSize: limit + 1 })
      .project<Pick<TransactionDocument, '_id' | 'createdAt' | 'finishedAt' | 'parts'>>({
        createdAt: 1,
        finishedAt: 1,
        parts: 1,
      })
      .sort({ createdAt: 1, _id: 1 })
      .limit(limit)
      .toArray();
  }

  /** First the documents, then what they referred to: the other way round a crash would leave references to nothing. */
  async #delete(old: readonly Pick<TransactionDocument, '_id' | 'parts'>[], finishedBefore: number): Promise<number> {
    if (old.length === 0) return 0;
    const gids = old.map(({ _id }) => _id);
    const { deletedCount } = await this.#collections.transactions.deleteMany({
      _id: { $in: gids },
      finishedAt: { $lt: finishedBefore },
    });
    await this.#parts.delete(old.flatMap(({ _id, parts }) => wantedParts(_id, parts)));
    return deletedCount;
  }

  async #sweepParts(writtenBefore: number, after: string, limit: number): Promise<PurgeResult> {
    const seen = await this.#collections.parts
      .find({ _id: { $gt: after } }, { projection: { text: 0 }, batchSize: limit + 1 })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    const old = seen.filter(({ at }) => at < writtenBefore);
    const gids = [...new Set(old.map(({ gid }) => gid))];
    const referring = new Map<string, TransactionDocument['parts']>();
    if (gids.length > 0) {
      const found = this.#collections.transactions.find({ _id: { $in: gids } }, { projection: { parts: 1 } });
      for await (const { _id, parts } of found) referring.set(_id, parts);
    }
    const orphans = old.filter(({ gid, slot, token }) => referring.get(gid)?.[slot]?.token !== token);
    if (orphans.length > 0) await this.#collections.parts.deleteMany({ _id: { $in: orphans.map(({ _id }) => _id) } });
    const last = seen.length < limit ? undefined : seen.at(-1);
    return { purged: 0, nextCursor: last === undefined ? undefined : partsCursor + last._id };
  }
}
