import type { Collection, Document, Filter } from 'mongodb';
import type { MarkField, Marks } from './marks.js';

/** What one update deletes at most. */
const marksAtOnce = 1_000;

/** Deletes marks that were written before, and stubs that had no others; answers how many documents had some. */
export async function cleanMarks(collection: Collection, field: MarkField, before: Date): Promise<number> {
  let cleaned = 0;
  const old = { [field.path('oldest')]: { $lt: before } };
  for await (const { _id } of collection.find(old, { projection: { _id: 1 } })) {
    if (await cleanDocument(collection, { field, before, id: _id })) cleaned += 1;
  }
  return cleaned;
}

interface Cleaning {
  readonly field: MarkField;
  readonly before: Date;
  readonly id: unknown;
}

/** Whether any went. What changes meanwhile, by another cleaner for one, is left to the next time. */
async function cleanDocument(collection: Collection, { field, before, id }: Cleaning): Promise<boolean> {
  const byId = { _id: id } as Filter<Document>;
  for (let isFirst = true; ; isFirst = false) {
    const projection = { [field.name]: 1 };
    const document = await collection.findOne(byId, { projection, readPreference: 'primary' });
    const stored = document === null ? {} : field.of(document);
    const oldest = Object.entries(stored.marks ?? {}).sort(([, a], [, b]) => a.at.getTime() - b.at.getTime());
    const gone = oldest.filter(([, { at }]) => at < before).slice(0, marksAtOnce);
    const [, next] = oldest[gone.length] ?? [];
    if (stored.oldest === undefined || (gone.length === 0 && next !== undefined)) return !isFirst;
    const asRead = { ...byId, ...unchanged(field, stored) } as Filter<Document>;
    if (next === undefined) return (await emptied(collection, { field, stored, asRead, byId })) || !isFirst;
    const { matchedCount } = await collection.updateOne(asRead, {
      $unset: Object.fromEntries(gone.map(([name]) => [`${field.path('marks')}.${name}`, ''])),
      $inc: { [field.path('count')]: -gone.length, [field.path('cleanings')]: 1 },
      $set: { [field.path('oldest')]: next.at },
    });
    if (matchedCount === 0) return !isFirst;
  }
}

/** Takes away the last marks, and a stub with them. */
async function emptied(
  collection: Collection,
  {
    field,
    stored,
    asRead,
    byId,
  }: { field: MarkField; stored: Marks; asRead: Filter<Document>; byId: Filter<Document> },
): Promise<boolean> {
  // Any mark that is written meanwhile counts.
  const alone = { ...asRead, [field.path('count')]: stored.count } as Filter<Document>;
  if (stored.isStub === true && (await isBare(collection, field, byId))) {
    return (await collection.deleteOne(alone)).deletedCount > 0;
  }
  return (await collection.updateOne(alone, { $unset: { [field.name]: '' } })).matchedCount > 0;
}

/** Nobody has made a document of it behind the barriers' back. */
async function isBare(collection: Collection, field: MarkField, byId: Filter<Document>): Promise<boolean> {
  const document = await collection.findOne(byId, { readPreference: 'primary' });
  return Object.keys(document ?? {}).every((name) => name === '_id' || name === field.name);
}

/** No other cleaner was here since this was read. */
function unchanged(field: MarkField, { oldest, cleanings }: Marks): Document {
  return { [field.path('oldest')]: oldest, [field.path('cleanings')]: cleanings ?? { $exists: false } };
}
