/**
 * Claims: leases of what is due, taken by one conditional update for many documents.
 *
 * L1. A document carries the token of the claim that took its lease for as long as that lease is held, whoever commits to it
 *     meanwhile: so what a claim took is read by its token, and by no other claim's.
 * L2. Claimants that meet take turns at random places of what is due, so that those who lose one round win another.
 */
import type { ClaimRequest, ClaimResult, StoredTransaction } from '@tandem/store';
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import type { TransactionDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';
import type { MongoReads } from './mongo-reads.js';
import { patiently } from './patient.js';

/** Most of bodies and rows that one claim brings into memory, in UTF-16 code units. */
const claimSizeMax = 32 << 20;
/** Rounds in which a claimant looks again after others were faster. */
const roundsMax = 12;
/** After a lost round a claimant looks at so many times its limit, and takes a random stretch of them. */
const spread = 4;

interface Candidate {
  readonly _id: string;
  readonly version: number;
  readonly dueAt: number;
  readonly claimableAt: number;
  readonly size: number;
}

export class MongoClaims {
  readonly #collections: MongoCollections;
  readonly #reads: MongoReads;

  constructor(collections: MongoCollections, reads: MongoReads) {
    this.#collections = collections;
    this.#reads = reads;
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const claimed: StoredTransaction[] = [];
    let sizeLeft = claimSizeMax;
    for (let round = 0; round < roundsMax && claimed.length < request.limit && sizeLeft > 0; round++) {
      const found = await patiently(() => this.#candidates(request, round === 0 ? 1 : spread));
      if (found.length === 0) break;
      const stretch = round === 0 ? found : stretchOf(found, request.limit);
      const wanted = upToSize(stretch, sizeLeft).slice(0, request.limit - claimed.length);
      const own = await this.#takeThese(wanted, request);
      claimed.push(...own);
      // Nobody was faster: what the limits left is for the next claim.
      if (own.length === wanted.length) break;
      sizeLeft -= wanted.reduce((sum, one) => sum + one.size, 0);
    }
    return { claimed, nextAt: await patiently(() => this.#nextAt(request.types)) };
  }

  async #candidates({ now, types, limit }: ClaimRequest, factor: number): Promise<readonly Candidate[]> {
    const found = await this.#collections.transactions
      .find<Pick<TransactionDocument, '_id' | 'version' | 'dueAt' | 'claimableAt' | 'inlineSize' | 'spilledSize'>>(
        { ...claimable(types), claimableAt: { $lte: now } },
        {
          projection: { version: 1, dueAt: 1, claimableAt: 1, inlineSize: 1, spilledSize: 1 },
          batchSize: limit * factor + 1,
        },
      )
      .sort({ claimableAt: 1 })
      .limit(limit * factor)
      .toArray();
    return found.map(({ _id, version, dueAt = 0, claimableAt = 0, inlineSize, spilledSize }) => {
      return { _id, version, dueAt, claimableAt, size: inlineSize + spilledSize };
    });
  }

  /** Answers those that became ours, in order. */
  async #takeThese(candidates: readonly Candidate[], request: ClaimRequest): Promise<readonly StoredTransaction[]> {
    const gids = candidates.map(({ _id }) => _id);
    await patiently(() => this.#lease(candidates, request));
    const own = await patiently(() => this.#reads.load(gids, 'all', { claim: request.token }));
    return own.filter((one) => one !== undefined);
  }

  async #lease(candidates: readonly Candidate[], request: ClaimRequest): Promise<void> {
    const { now, owner, leaseUntil, token } = request;
    const set = { token, claim: token, leaseOwner: owner, leaseUntil };
    const bump = { version: 1, epoch: 1 };
    const { transactions } = this.#collections;
    if (leaseUntil >= now) {
      // What can be claimed now was due by now: so from the lease's end on it can be claimed again, each of them.
      const gids = candidates.map(({ _id }) => _id);
      await transactions.updateMany(
        { _id: { $in: gids }, open: 1, claimableAt: { $lte: now } },
        { $set: { ...set, claimableAt: leaseUntil }, $inc: bump },
      );
      return;
    }
    // A lease that has ended before it begins: the next claim time is each one's own.
    const updates = candidates.map(({ _id, version, dueAt }): AnyBulkWriteOperation<TransactionDocument> => {
      const update = { $set: { ...set, claimableAt: Math.max(dueAt, leaseUntil) }, $inc: bump };
      return { updateOne: { filter: { _id, version }, update } };
    });
    await transactions.bulkWrite(updates, { ordered: false });
  }

  async #nextAt(types: readonly string[] | undefined): Promise<number | undefined> {
    const [next] = await this.#collections.transactions
      .find({ ...claimable(types), claimableAt: { $gte: Number.MIN_SAFE_INTEGER } }, { projection: { claimableAt: 1 } })
      .sort({ claimableAt: 1 })
      .limit(1)
      .toArray();
    return next?.claimableAt;
  }
}

function claimable(types: readonly string[] | undefined): Filter<TransactionDocument> {
  return types === undefined ? { open: 1 } : { open: 1, type: { $in: [...types] } };
}

/** The first of them, as many as fit. At least one, or a large one would never be claimed. */
function upToSize(candidates: readonly Candidate[], sizeMax: number): readonly Candidate[] {
  let size = 0;
  const tooMany = candidates.findIndex((candidate, index) => {
    size += candidate.size;
    return index > 0 && size > sizeMax;
  });
  return tooMany === -1 ? candidates : candidates.slice(0, tooMany);
}

function stretchOf(candidates: readonly Candidate[], length: number): readonly Candidate[] {
  const start = Math.floor(Math.random() * Math.max(1, candidates.length - length + 1));
  return candidates.slice(start, start + length);
}
