import { randomUUID } from 'node:crypto';
import { StoreError } from '@tandem/store';
import type { MongoCollections } from './mongo-collections.js';

const writerCount = 4;
const documentCount = 32;
const rounds = 3;

/**
 * Checks that of several conditional updates of one version one applies: all that Tandem does rests on it. MongoDB gives it; a
 * server that only speaks its wire may not (FerretDB 1 reads, and then writes whatever it read), and would lose updates without
 * a word. Throws `StoreError` `incompatible`. A pass is no proof.
 */
export async function checkAtomicity({ meta }: MongoCollections): Promise<void> {
  const name = `check ${randomUUID()}`;
  const ids = Array.from({ length: documentCount }, (_, index) => `${name} ${index}`);
  const writers = Array.from({ length: writerCount });
  await meta.insertMany(ids.map((_id) => ({ _id, number: 0 })));
  try {
    // Connections first: the updates are to meet.
    await Promise.all(writers.map(() => meta.findOne({ _id: name })));
    for (let number = 0; number < rounds; number++) {
      const results = await Promise.all(
        writers.map(() => meta.updateMany({ _id: { $in: ids }, number }, { $inc: { number: 1 } })),
      );
      const applied = results.reduce((sum, { matchedCount }) => sum + matchedCount, 0);
      if (applied > documentCount) {
        throw new StoreError(
          'incompatible',
          `MongoDB: of conditional updates that may apply ${documentCount} times, ${applied} did: this server loses updates`,
        );
      }
    }
  } finally {
    await meta.deleteMany({ _id: { $in: ids } });
  }
}
