import type { Collection, Db } from 'mongodb';
import type { KeyValueDocument, MetaDocument, PartDocument, TransactionDocument } from './documents.js';

export interface MongoCollections {
  readonly db: Db;
  readonly transactions: Collection<TransactionDocument>;
  readonly parts: Collection<PartDocument>;
  readonly keyValues: Collection<KeyValueDocument>;
  readonly meta: Collection<MetaDocument>;
}

export function collectionsOf(db: Db): MongoCollections {
  return {
    db,
    transactions: db.collection('transaction'),
    parts: db.collection('part'),
    keyValues: db.collection('key_value'),
    meta: db.collection('meta'),
  };
}
