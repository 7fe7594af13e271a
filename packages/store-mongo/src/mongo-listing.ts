import { decodePosition, encodePosition, type ScanFilter, type ScanPage, type ScanPosition } from '@tandem/store';
import type { Filter, IndexDirection } from 'mongodb';
import { headOf, headProjection, type HeadDocument, type TransactionDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';

/** Most transactions that one page of a listing looks at. */
const windowSize = 5_000;
/** Beyond every gid that starts with the prefix before it: gids have at most 128 UTF-16 code units. */
const beyond = '\u{10ffff}'.repeat(64);

type Condition = Filter<TransactionDocument>;

interface NarrowWay {
  readonly condition: Condition;
  /** The index that answers it. */
  readonly index: Readonly<Record<string, IndexDirection>> | string;
}

/**
 * Pages of heads. A filter that few transactions pass is answered from its own index, in one page. Otherwise a page looks at a
 * window of the newest and goes on from there, so that no filter makes one call read the whole collection.
 */
export class MongoListing {
  readonly #collections: MongoCollections;

  constructor(collections: MongoCollections) {
    this.#collections = collections;
  }

  async scan(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<ScanPage> {
    const after = cursor === undefined ? undefined : decodePosition(cursor);
    const range = [...timeRange(filter), ...(after === undefined ? [] : [beforePosition(after)])];
    const narrow = await this.#narrowest(filter);
    const end = narrow === undefined ? await this.#windowEnd(range) : undefined;
    const conditions = [...range, ...conditionsOf(filter), ...(end === undefined ? [] : [fromPosition(end)])];
    const heads = await this.#collections.transactions
      .find<HeadDocument>(allOf(conditions), { projection: headProjection, batchSize: limit + 2 })
      .sort({ createdAt: -1, _id: -1 })
      .hint(narrow?.index ?? byCreation)
      .limit(limit + 1)
      .toArray();
    const page = heads.slice(0, limit).map(headOf);
    const last = heads.length > limit ? page.at(-1) : end;
    return { heads: page, nextCursor: last === undefined ? undefined : encodePosition(last) };
  }

  async #narrowest(filter: ScanFilter): Promise<NarrowWay | undefined> {
    for (const way of narrowWays(filter)) {
      const beyondWindow = await this.#collections.transactions
        .find(way.condition, { projection: { _id: 1 } })
        .hint(way.index)
        .skip(windowSize)
        .limit(1)
        .toArray();
      if (beyondWindow.length === 0) return way;
    }
    return undefined;
  }

  /** The last of the window, where there is more beyond it. */
  async #windowEnd(range: readonly Condition[]): Promise<ScanPosition | undefined> {
    const [last] = await this.#collections.transactions
      .find(allOf(range), { projection: { createdAt: 1 } })
      .sort({ createdAt: -1, _id: -1 })
      .hint(byCreation)
      .skip(windowSize - 1)
      .limit(1)
      .toArray();
    return last === undefined ? undefined : { createdAt: last.createdAt, gid: last._id };
  }
}

/** The index of `mongo-indexes.ts` that holds all. */
const byCreation = { createdAt: 1, _id: 1 } as const;

function narrowWays(filter: ScanFilter): readonly NarrowWay[] {
  const found: NarrowWay[] = [];
  if (filter.gidPrefix !== undefined) found.push({ condition: hasPrefix(filter.gidPrefix), index: { _id: 1 } });
  if (filter.isFinished === false) found.push({ condition: { open: 1 }, index: { open: 1, claimableAt: 1 } });
  return found;
}

function hasPrefix(prefix: string): Condition {
  return { _id: { $gte: prefix, $lte: prefix + beyond } };
}

function timeRange({ createdFrom, createdBefore }: ScanFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (createdFrom !== undefined) found.push({ createdAt: { $gte: createdFrom } });
  if (createdBefore !== undefined) found.push({ createdAt: { $lt: createdBefore } });
  return found;
}

// The first condition bounds the walk over the index; the second is exact.
function beforePosition({ createdAt, gid }: ScanPosition): Condition {
  return {
    createdAt: { $lte: createdAt },
    $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: gid } }],
  };
}

function fromPosition({ createdAt, gid }: ScanPosition): Condition {
  return {
    createdAt: { $gte: createdAt },
    $or: [{ createdAt: { $gt: createdAt } }, { createdAt, _id: { $gte: gid } }],
  };
}

function conditionsOf(filter: ScanFilter): readonly Condition[] {
  const found: Condition[] = [];
  if (filter.status !== undefined) found.push({ status: filter.status });
  if (filter.type !== undefined) found.push({ type: filter.type });
  if (filter.isPaused !== undefined) found.push({ isPaused: filter.isPaused });
  if (filter.isFinished === true) found.push({ finishedAt: { $exists: true } });
  if (filter.isFinished === false) found.push({ open: 1 });
  if (filter.owner !== undefined) found.push({ leaseOwner: filter.owner });
  if (filter.gidPrefix !== undefined) found.push(hasPrefix(filter.gidPrefix));
  return found;
}

function allOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? {} : { $and: [...conditions] };
}
