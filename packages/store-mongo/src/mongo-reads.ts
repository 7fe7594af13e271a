import { StoreError, type LoadDepth, type StoredRow, type StoredTransaction } from '@tandem/store';
import type { Filter } from 'mongodb';
import { bodySlot, headOf, headProjection, type HeadDocument, type TransactionDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';
import { textKey, wantedParts, type MongoParts, type WantedPart } from './mongo-parts.js';
import { rowKeyOf } from './row-slot.js';

/** Documents in one query: with bodies and rows they are large. */
const gidsPerQuery = 100;
const triesMax = 4;

type Contents = HeadDocument & Partial<Pick<TransactionDocument, 'body' | 'rows' | 'parts'>>;

const projections = {
  head: headProjection,
  body: { ...headProjection, body: 1, [`parts.${bodySlot}`]: 1 },
  all: { ...headProjection, body: 1, rows: 1, parts: 1 },
} as const;

/** Snapshots: a document is one, and what it refers to never changes (P1). */
export class MongoReads {
  readonly #collections: MongoCollections;
  readonly #parts: MongoParts;

  constructor(collections: MongoCollections, parts: MongoParts) {
    this.#collections = collections;
    this.#parts = parts;
  }

  /** One snapshot or undefined per gid, in order; undefined also where it does not meet the condition. */
  async load(
    gids: readonly string[],
    depth: LoadDepth,
    condition: Filter<TransactionDocument> = {},
  ): Promise<readonly (StoredTransaction | undefined)[]> {
    const found = new Map<string, StoredTransaction>();
    let missing = gids;
    for (let tries = 0; missing.length > 0; tries++) {
      if (tries === triesMax) throw new StoreError('corrupt', `MongoDB: ${missing.join(', ')}: a part is missing`);
      missing = await this.#loadInto(found, missing, { depth, condition });
    }
    return gids.map((gid) => found.get(gid));
  }

  /** Answers those of which a part was deleted between two reads: they have changed since. */
  async #loadInto(
    found: Map<string, StoredTransaction>,
    gids: readonly string[],
    { depth, condition }: { readonly depth: LoadDepth; readonly condition: Filter<TransactionDocument> },
  ): Promise<readonly string[]> {
    const again: string[] = [];
    for (let start = 0; start < gids.length; start += gidsPerQuery) {
      const wanted = gids.slice(start, start + gidsPerQuery);
      const documents = await this.#collections.transactions
        .find<Contents>(
          { ...condition, _id: { $in: wanted } },
          { projection: projections[depth], batchSize: gidsPerQuery + 1 },
        )
        .toArray();
      const texts = await this.#spilledTexts(documents);
      for (const document of documents) {
        const transaction = transactionOf(document, texts, depth);
        if (transaction === undefined) again.push(document._id);
        else found.set(document._id, transaction);
      }
    }
    return again;
  }

  async #spilledTexts(documents: readonly Contents[]): Promise<ReadonlyMap<string, string>> {
    const wanted: WantedPart[] = documents.flatMap((document) => wantedParts(document._id, document.parts));
    return wanted.length === 0 ? new Map() : this.#parts.read(wanted);
  }
}

function transactionOf(
  document: Contents,
  texts: ReadonlyMap<string, string>,
  depth: LoadDepth,
): StoredTransaction | undefined {
  const textOf = (slot: string, inline: string | null): string | undefined =>
    inline ?? texts.get(textKey(document._id, slot));
  const body = depth === 'head' ? '' : textOf(bodySlot, document.body ?? null);
  const rows: StoredRow[] = [];
  for (const [slot, inline] of Object.entries(document.rows ?? {})) {
    const value = textOf(slot, inline);
    if (value === undefined) return undefined;
    rows.push({ ...rowKeyOf(slot), value });
  }
  return body === undefined ? undefined : { head: headOf(document), body, rows };
}
