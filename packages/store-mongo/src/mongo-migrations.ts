import { StoreError } from '@tandem/store';
import type { Collection, CreateIndexesOptions, Document, IndexSpecification } from 'mongodb';
import type { MongoCollections } from './mongo-collections.js';
import { codeOf, duplicateKey, notImplemented } from './mongo-fault.js';

/** Goes up when a version that does not know of it could do harm. */
const schemaNumber = 1;
const schemaId = 'schema';

/**
 * Makes the indexes and notes the schema; safe from many processes at once. Throws `StoreError` `incompatible` where a newer
 * version has been here.
 */
export async function migrate(collections: MongoCollections): Promise<void> {
  await noteSchema(collections);
  const { transactions } = collections;
  // For claims, counts and listings of what is unfinished; what is finished is not in it.
  await createIndex(transactions, { open: 1, claimableAt: 1 }, { partialFilterExpression: { open: 1 } });
  // For wakes.
  await createIndex(transactions, { waits: 1, dueAt: 1 }, { partialFilterExpression: { waits: { $exists: true } } });
  // For listings and purges.
  await createIndex(transactions, { createdAt: 1, _id: 1 }, {});
}

async function noteSchema({ meta }: MongoCollections): Promise<void> {
  try {
    await meta.insertOne({ _id: schemaId, number: schemaNumber });
  } catch (error) {
    if (codeOf(error) !== duplicateKey) throw error;
  }
  const stored = (await meta.findOne({ _id: schemaId }))?.number ?? schemaNumber;
  if (stored > schemaNumber) {
    throw new StoreError(
      'incompatible',
      `the store has schema ${stored}, this version knows up to ${schemaNumber}: it was written by a newer version`,
    );
  }
}

/** A server that knows no partial indexes gets a whole one: it answers the same queries, and costs more. */
async function createIndex<T extends Document>(
  collection: Collection<T>,
  keys: IndexSpecification,
  options: CreateIndexesOptions,
): Promise<void> {
  try {
    await collection.createIndex(keys, options, {});
  } catch (error) {
    if (codeOf(error) !== notImplemented) throw error;
    await collection.createIndex(keys, {}, {});
  }
}
