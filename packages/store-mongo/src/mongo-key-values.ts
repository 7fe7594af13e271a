import { randomUUID } from 'node:crypto';
import type { KeyValue, KeyValuePage } from '@tandem/store';
import type { KeyValueDocument } from './documents.js';
import type { MongoCollections } from './mongo-collections.js';
import { codeOf, duplicateKey } from './mongo-fault.js';
import { patiently } from './patient.js';

/** Beyond every key. */
const lastKey = '\u{10ffff}'.repeat(64);

/** Topics and other small things, each with a version. A deleted key leaves its version behind. */
export class MongoKeyValues {
  readonly #collections: MongoCollections;

  constructor(collections: MongoCollections) {
    this.#collections = collections;
  }

  async get(category: string, key: string): Promise<KeyValue | undefined> {
    const found = await this.#collections.keyValues.findOne({ _id: idOf(category, key) });
    return found === null || found.isDeleted ? undefined : keyValueOf(found);
  }

  async put(
    entry: Pick<KeyValue, 'category' | 'key' | 'value'>,
    expectedVersion: number,
    now: number,
  ): Promise<boolean> {
    const token = randomUUID();
    return patiently(() =>
      expectedVersion === 0 ? this.#create(entry, now, token) : this.#replace(entry, expectedVersion, now, token),
    );
  }

  async delete(category: string, key: string): Promise<boolean> {
    const token = randomUUID();
    const change = { $set: { value: '', isDeleted: true, token } };
    return patiently(() => this.#change(idOf(category, key), { isDeleted: false }, change, token));
  }

  async scan(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage> {
    const range = { $gt: idOf(category, cursor ?? ''), $lte: idOf(category, lastKey) };
    const found = await this.#collections.keyValues
      .find({ _id: range, isDeleted: false }, { batchSize: limit + 2 })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit).map(keyValueOf);
    return { items, nextCursor: found.length > limit ? items.at(-1)?.key : undefined };
  }

  async #create(
    { category, key, value }: Pick<KeyValue, 'category' | 'key' | 'value'>,
    now: number,
    token: string,
  ): Promise<boolean> {
    const _id = idOf(category, key);
    const fields = { value, isDeleted: false, createdAt: now, updatedAt: now, token };
    try {
      await this.#collections.keyValues.insertOne({ _id, category, key, version: 1, ...fields });
      return true;
    } catch (error) {
      if (codeOf(error) !== duplicateKey) throw error;
    }
    return this.#change(_id, { isDeleted: true }, { $set: fields, $inc: { version: 1 } }, token);
  }

  async #replace(
    { category, key, value }: Pick<KeyValue, 'category' | 'key' | 'value'>,
    version: number,
    now: number,
    token: string,
  ): Promise<boolean> {
    const change = { $set: { value, updatedAt: now, token }, $inc: { version: 1 } };
    return this.#change(idOf(category, key), { isDeleted: false, version }, change, token);
  }

  async #change(
    _id: string,
    condition: Partial<Pick<KeyValueDocument, 'isDeleted' | 'version'>>,
    change: { readonly $set: Partial<KeyValueDocument>; readonly $inc?: { readonly version: number } },
    token: string,
  ): Promise<boolean> {
    const { matchedCount } = await this.#collections.keyValues.updateOne({ _id, ...condition }, change);
    if (matchedCount > 0) return true;
    // A try before this one may have done it, and its reply was lost.
    const stored = await this.#collections.keyValues.findOne({ _id }, { projection: { token: 1 } });
    return stored?.token === token;
  }
}

/** Keys of one category lie side by side, in the order of their bytes: no escaped category holds a slash. */
function idOf(category: string, key: string): string {
  return `${encodeURIComponent(category)}/${key}`;
}

function keyValueOf({ category, key, value, version, createdAt, updatedAt }: KeyValueDocument): KeyValue {
  return { category, key, value, version, createdAt, updatedAt };
}
