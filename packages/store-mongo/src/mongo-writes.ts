/**
 * Creates and commits.
 *
 * W1. A document is changed by one update that names the version it expects: head, body and rows change together or not at
 *     all, with neither a transaction nor an update by pipeline.
 * W2. A batch is a constant number of round trips: what is stored, then all inserts beside all updates; a third one, for
 *     those alone that did not apply, tells who was first. Texts that are too large go before (P1).
 * W3. A write that found the version it expects, and yet did not apply, read an older state than the primary's: it is not
 *     answered by guessing, but tried again.
 */
import type { CommitItem, CreateItem, WriteItem, WriteResult } from '@tandem/store';
import type { AnyBulkWriteOperation, WriteError } from 'mongodb';
import type { PartReference, TransactionDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';
import { duplicateKey, isRefusal, isRefusalCode, StaleRead, writeErrorsOf } from './mongo-fault.js';
import { referencesOf, type MongoParts } from './mongo-parts.js';
import { itemSize, placeTexts, type PlacedTexts, type SpillLimits } from './spill.js';
import { beforeProjection, insertOf, updateOf, type DocumentBefore } from './write-operations.js';

/** An item larger than that, in UTF-16 code units, is refused. */
const itemSizeMax = 64 << 20;
/** The state is always in the document, which has room for 16 MiB: three bytes a code unit at most. */
const stateSizeMax = 4 << 20;

const exists: WriteResult = { kind: 'exists' };
const conflict: WriteResult = { kind: 'conflict' };

interface Prepared {
  readonly item: WriteItem;
  readonly texts: PlacedTexts;
  readonly before: DocumentBefore | undefined;
}

/** What one item came to; `again` where only another try can tell. */
type Outcome = WriteResult | 'again';

export class MongoWrites {
  readonly #collections: MongoCollections;
  readonly #parts: MongoParts;
  readonly #spillLimits: SpillLimits;

  constructor(collections: MongoCollections, parts: MongoParts, limits: SpillLimits) {
    this.#collections = collections;
    this.#parts = parts;
    this.#spillLimits = limits;
  }

  /** May be tried again with the same items after any fault. */
  async write(items: readonly WriteItem[]): Promise<readonly WriteResult[]> {
    const outcomes = await this.#writeOnce(items);
    const results = outcomes.filter((outcome) => outcome !== 'again');
    if (results.length === items.length) return results;
    // The batch is tried again as a whole: what has applied is recognised.
    throw new StaleRead();
  }

  async #writeOnce(items: readonly WriteItem[]): Promise<readonly Outcome[]> {
    const outcomes = new Map<string, Outcome>();
    const stored = await this.#stored(items.filter((item) => item.kind === 'commit'));
    const prepared: Prepared[] = [];
    for (const item of items) {
      const before = stored.get(item.gid);
      const early = outcomeBefore(item, before);
      if (early !== undefined) outcomes.set(item.gid, early);
      else prepared.push({ item, before, texts: placeTexts(item, before?.inlineSize ?? 0, this.#spillLimits) });
    }
    for (const [gid, outcome] of await this.#send(prepared)) outcomes.set(gid, outcome);
    return items.map((item) => outcomes.get(item.gid) ?? 'again');
  }

  async #send(prepared: readonly Prepared[]): Promise<ReadonlyMap<string, Outcome>> {
    if (prepared.length === 0) return new Map();
    try {
      return await this.#sendTogether(prepared);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // The driver could not even encode one of them; halving finds that item.
      const [only] = prepared;
      if (prepared.length === 1 && only !== undefined) {
        return new Map([[only.item.gid, { kind: 'refused', reason: String(error) }]]);
      }
      const middle = prepared.length >> 1;
      return new Map([...(await this.#send(prepared.slice(0, middle))), ...(await this.#send(prepared.slice(middle)))]);
    }
  }

  async #sendTogether(prepared: readonly Prepared[]): Promise<ReadonlyMap<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const references = await this.#spill(prepared);
    const creates: CreateItem[] = [];
    const inserts: TransactionDocument[] = [];
    const commits: Prepared[] = [];
    const updates: AnyBulkWriteOperation<TransactionDocument>[] = [];
    for (const one of prepared) {
      const { item, texts, before } = one;
      const own = references.get(item.gid) ?? new Map<string, PartReference>();
      if (item.kind === 'create') {
        creates.push(item);
        inserts.push(insertOf(item, texts, own));
      } else if (before !== undefined) {
        commits.push(one);
        updates.push(updateOf(item, before, texts, own));
      }
    }
    const [insertErrors, updated] = await Promise.all([this.#insert(inserts), this.#update(updates)]);
    const unsure: WriteItem[] = [];
    creates.forEach((item, index) => {
      const error = insertErrors.get(index);
      if (error === undefined) outcomes.set(item.gid, { kind: 'applied', version: 1, epoch: epochAfter(item, 0) });
      else if (error.code === duplicateKey) unsure.push(item);
      else outcomes.set(item.gid, { kind: 'refused', reason: error.errmsg ?? 'refused' });
    });
    for (const [index, { item, before }] of commits.entries()) {
      const error = updated.errors.get(index);
      if (error !== undefined) outcomes.set(item.gid, { kind: 'refused', reason: error.errmsg ?? 'refused' });
      else if (!updated.isAll || before === undefined) unsure.push(item);
      else {
        const epoch = epochAfter(item, before.epoch);
        outcomes.set(item.gid, { kind: 'applied', version: before.version + 1, epoch });
      }
    }
    const after = await this.#stored(unsure);
    for (const item of unsure) outcomes.set(item.gid, outcomeAfter(item, after.get(item.gid)));
    return outcomes;
  }

  async #stored(items: readonly WriteItem[]): Promise<ReadonlyMap<string, DocumentBefore>> {
    if (items.length === 0) return new Map();
    const gids = items.map((item) => item.gid);
    const found = await this.#collections.transactions
      .find({ _id: { $in: gids } }, { projection: beforeProjection, batchSize: gids.length + 1 })
      .toArray();
    return new Map(found.map((document) => [document._id, document]));
  }

  async #spill(prepared: readonly Prepared[]): Promise<ReadonlyMap<string, ReadonlyMap<string, PartReference>>> {
    const spilled = prepared
      .filter(({ texts }) => texts.spilled.size > 0)
      .map(({ item, texts }) => {
        return { gid: item.gid, token: item.token, at: item.head.updatedAt, texts: texts.spilled };
      });
    if (spilled.length > 0) await this.#parts.write(spilled);
    return new Map(spilled.map((one) => [one.gid, referencesOf(one)]));
  }

  /** Answers what failed, by its place. */
  async #insert(documents: readonly TransactionDocument[]): Promise<ReadonlyMap<number, WriteError>> {
    if (documents.length === 0) return new Map();
    try {
      await this.#collections.transactions.insertMany(documents, { ordered: false });
      return new Map();
    } catch (error) {
      return errorsByPlace(error);
    }
  }

  async #update(
    operations: readonly AnyBulkWriteOperation<TransactionDocument>[],
  ): Promise<{ readonly errors: ReadonlyMap<number, WriteError>; readonly isAll: boolean }> {
    if (operations.length === 0) return { errors: new Map(), isAll: true };
    try {
      const result = await this.#collections.transactions.bulkWrite(operations, { ordered: false });
      return { errors: new Map(), isAll: result.matchedCount === operations.length };
    } catch (error) {
      return { errors: errorsByPlace(error), isAll: false };
    }
  }
}

/** Throws where an error is neither a duplicate nor a refusal: then nothing is known of any item. */
function errorsByPlace(error: unknown): ReadonlyMap<number, WriteError> {
  const errors = writeErrorsOf(error);
  if (errors?.every(({ code }) => code === duplicateKey || isRefusalCode(code)) !== true) throw error;
  return new Map(errors.map((one) => [one.index, one]));
}

/** What can be said before anything is written. */
function outcomeBefore(item: WriteItem, before: DocumentBefore | undefined): WriteResult | undefined {
  if (itemSize(item) > itemSizeMax) return refusedBeyond('it', itemSizeMax);
  if (item.head.state.length > stateSizeMax) return refusedBeyond('its state', stateSizeMax);
  if (item.kind === 'create') return undefined;
  if (before === undefined) return conflict;
  if (before.token === item.token) return { kind: 'applied', version: before.version, epoch: before.epoch };
  return before.version === item.expectedVersion ? undefined : conflict;
}

function refusedBeyond(what: string, sizeMax: number): WriteResult {
  return { kind: 'refused', reason: `${what} is larger than ${sizeMax >> 20} Mi characters` };
}

/** What became of an item that perhaps did not apply. */
function outcomeAfter(item: WriteItem, after: DocumentBefore | undefined): Outcome {
  if (after?.token === item.token) return { kind: 'applied', version: after.version, epoch: after.epoch };
  if (item.kind === 'create') return after === undefined ? 'again' : exists;
  return after?.version === item.expectedVersion ? 'again' : conflict;
}

function epochAfter(item: CreateItem | CommitItem, before: number): number {
  const takes = item.kind === 'create' ? item.lease !== undefined : item.lease.kind === 'take';
  return takes ? before + 1 : before;
}
