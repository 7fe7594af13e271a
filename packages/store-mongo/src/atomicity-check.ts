import { randomUUID } from 'node:crypto';
import { StoreError } from '@tandem/store';
import type { MongoCollections } from './mongo-collections.js';

const writers = 8;
const rounds = 6;

/**
 * Checks that of many conditional updates of one version one applies: all that Tandem does rests on it. MongoDB gives it; a server
 * that only speaks its wire may not (FerretDB 1 reads, and then writes whatever it read), and would lose updates without a word.
 * Throws `StoreError` `incompatible`. A pass is no proof.
 */
export async function checkAtomicity({ meta }: MongoCollections): Promise<void> {
  const _id = `check ${randomUUID()}`;
  await meta.insertOne({ _id, number: 0 });
  try {
    for (let round = 0; round < rounds; round++) {
      const update = { $inc: { number: 1 } };
      const results = await Promise.all(
        Array.from({ length: writers }, () => meta.updateOne({ _id, number: round }, update)),
      );
      const winners = results.filter(({ matchedCount }) => matchedCount > 0).length;
      if (winners !== 1) {
        throw new StoreError(
          'incompatible',
          `of ${writers} conditional updates of one document ${winners} applied at once: this server cannot keep transactions`,
        );
      }
    }
  } finally {
    await meta.deleteOne({ _id });
  }
}
