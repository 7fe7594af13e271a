import { Barrier, newGid, type BarrierResult } from '@tandem/client';
import { documentBarriers, type DocumentBarriers } from '@tandem/client/mongodb';
import { MongoClient, type Db } from 'mongodb';

export const mongoUrl = process.env['TANDEM_TEST_MONGO_URL'];

export interface Shelf {
  _id: string;
  pieces: number;
  state?: string;
}

/** Shelves that are there, orders that come into being, in a database of their own. */
export interface Shelves {
  readonly db: Db;
  readonly shelves: DocumentBarriers<Shelf>;
  readonly orders: DocumentBarriers<Shelf>;
  /** A new shelf's `_id`. */
  shelfWith(pieces: number): Promise<string>;
  stored(collection: 'shelf' | 'order', id: string): Promise<Shelf | null>;
  piecesOf(shelf: string): Promise<number | undefined>;
  /** Through the barrier; refuses to take more than there is. */
  add(barrier: Barrier, shelf: string, pieces: number): Promise<BarrierResult<undefined>>;
  /** Every mark, as `branch:op:id reason`. */
  marksOf(shelf: string): Promise<string[]>;
  close(): Promise<void>;
}

export async function openShelves(name: string, url = mongoUrl ?? ''): Promise<Shelves> {
  const client = await new MongoClient(url).connect();
  const db = client.db(`tandem_${name}_${String(process.pid)}`);
  const shelves = documentBarriers(db.collection<Shelf>('shelf'));
  const stored: Shelves['stored'] = (collection, _id) => db.collection<Shelf>(collection).findOne({ _id });
  return {
    db,
    shelves,
    orders: documentBarriers(db.collection<Shelf>('order'), { inserts: true }),
    shelfWith: async (pieces) => (await db.collection<Shelf>('shelf').insertOne({ _id: newGid(), pieces })).insertedId,
    stored,
    piecesOf: async (shelf) => (await stored('shelf', shelf))?.pieces,
    add: (barrier, _id, pieces) => {
      const filter = pieces < 0 ? { _id, pieces: { $gte: -pieces } } : { _id };
      return shelves.updateOne(barrier, filter, { $inc: { pieces } }, { refusal: 'too few' });
    },
    marksOf: async (shelf) => {
      const found = (await stored('shelf', shelf)) as { readonly tandem?: { readonly marks: Marks } } | null;
      return Object.entries(found?.tandem?.marks ?? {}).map(
        ([key, { reason }]) => `${key.replace(/^.*?:/, '')} ${reason}`,
      );
    },
    close: async () => {
      await db.dropDatabase();
      await client.close();
    },
  };
}

type Marks = Readonly<Record<string, { readonly reason: string }>>;

export function saga(gid: string, op: string, branchId = '01'): Barrier {
  return new Barrier({ gid, transType: 'saga', branchId, op });
}

export function message(gid: string, checkUrl?: string): Barrier {
  return new Barrier({ gid, transType: 'msg', branchId: '00', op: 'msg' }, checkUrl);
}
