/** The statements of `DocumentBarriers`: each is one read or one write of one document. */
import type { BarrierRow } from '@tandem/protocol';
import type { Collection, Document, Filter } from 'mongodb';
import { cleanMarks } from './clean-marks.js';
import type { MarkField } from './marks.js';
import { isDuplicateKey } from './mongo-errors.js';
import { MongoServer } from './mongo-server.js';

const byMajority = { writeConcern: { w: 'majority' } } as const;
const asMajority = { readConcern: { level: 'majority' }, readPreference: 'primary' } as const;

/** A collection whose documents have marks. */
export class MarkedCollection {
  readonly #collection: Collection;
  readonly #field: MarkField;
  readonly #hasStubs: boolean;
  readonly #server: MongoServer;

  constructor(collection: Collection, field: MarkField, hasStubs: boolean) {
    this.#collection = collection;
    this.#field = field;
    this.#hasStubs = hasStubs;
    this.#server = new MongoServer(collection.db);
  }

  /** Whether the document was as it has to be, and has the change and the mark now. */
  async mark(current: BarrierRow, filter: Document, update: Document, before: readonly Document[]): Promise<boolean> {
    // A stub is no document yet.
    const isNoStub = this.#hasStubs ? [{ [this.#field.path('isStub')]: { $ne: true } }] : [];
    const conditions = [this.#field.lacks(current), ...before, ...isNoStub];
    const { $and = [], ...rest } = filter;
    const whole = { ...rest, $and: [...($and as readonly Document[]), ...conditions] } as Filter<Document>;
    const marking = this.#field.marking(update, [current], await this.#server.now());
    return (await this.#collection.updateOne(whole, marking, byMajority)).matchedCount > 0;
  }

  /** Whether the document had none of these marks, and has all of them now. */
  async block(id: unknown, ...rows: readonly BarrierRow[]): Promise<boolean> {
    const filter = { _id: id, $and: rows.map((row) => this.#field.lacks(row)) } as Filter<Document>;
    const marking = this.#field.marking({ $set: {} }, rows, await this.#server.now());
    if (!this.#hasStubs) return (await this.#collection.updateOne(filter, marking, byMajority)).matchedCount > 0;
    const stub = { ...marking, $setOnInsert: { [this.#field.path('isStub')]: true } };
    try {
      const { matchedCount, upsertedCount } = await this.#collection.updateOne(filter, stub, {
        ...byMajority,
        upsert: true,
      });
      return matchedCount + upsertedCount > 0;
    } catch (error) {
      // It is there, and has a mark.
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Inserts the document with its mark, or makes it of a stub that has no such mark. Throws where another is in the way. */
  async insert(document: Document, current: BarrierRow): Promise<void> {
    const at = await this.#server.now();
    const marks = { [this.#field.name]: this.#field.first(current, at) };
    try {
      await this.#collection.insertOne({ ...document, ...marks }, byMajority);
    } catch (error) {
      if (!isDuplicateKey(error) || !(await this.#filledStub(document, current, at))) throw error;
    }
  }

  /** Its marks of these rows, and how many it has of all. */
  async read(id: unknown, rows: readonly BarrierRow[]): Promise<Document | null> {
    const paths = [...rows.map((row) => this.#field.pathOf(row)), this.#field.path('count')];
    const projection = Object.fromEntries(paths.map((path) => [path, 1]));
    return this.#collection.findOne({ _id: id } as Filter<Document>, { ...asMajority, projection });
  }

  async clean(ageMs: number): Promise<number> {
    const now = await this.#server.now();
    return cleanMarks(this.#collection, this.#field, new Date(now.getTime() - ageMs));
  }

  /** Whether a stub without the mark was there, and is the document now. */
  async #filledStub({ _id, ...fields }: Document, current: BarrierRow, at: Date): Promise<boolean> {
    const isStub = this.#field.path('isStub');
    const filter = { _id: _id as unknown, [isStub]: true, ...this.#field.lacks(current) } as Filter<Document>;
    const filling = this.#field.marking({ $set: fields, $unset: { [isStub]: '' } }, [current], at);
    return (await this.#collection.updateOne(filter, filling, byMajority)).matchedCount > 0;
  }
}
