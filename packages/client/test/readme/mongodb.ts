// #region mongodb
import { branchHandler, createClient } from '@tandem/client';
import { documentBarriers } from '@tandem/client/mongodb';
import { MongoClient } from 'mongodb';

interface Shelf {
  _id: string;
  pieces: number;
}

interface Order {
  _id: string;
  item: string;
  state: 'new' | 'cancelled';
}

interface Take {
  item: string;
  pieces: number;
}

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
export const mongo = new MongoClient(process.env['MONGODB_URL'] ?? 'mongodb://127.0.0.1:27017');
export const db = mongo.db(process.env['MONGODB_DATABASE'] ?? 'shop');
const shelves = documentBarriers(db.collection<Shelf>('shelf'));
const orders = documentBarriers(db.collection<Order>('order'), { inserts: true });

/** Refuses where the filter does not hold. */
export const take = branchHandler<Take>(({ payload: { item, pieces }, barrier }) =>
  shelves.updateOne(
    barrier,
    { _id: item, pieces: { $gte: pieces } },
    { $inc: { pieces: -pieces } },
    { refusal: `too few of ${item}` },
  ),
);

export const giveBack = branchHandler<Take>(({ payload: { item, pieces }, barrier }) =>
  shelves.updateOne(barrier, { _id: item }, { $inc: { pieces } }),
);

/** A message: the order is inserted, and its stock taken, or neither. */
export async function placeOrder(id: string, item: string) {
  const message = tandem
    .message({ gid: `order-${id}` })
    .add(`${process.env['STOCK_URL'] ?? ''}/reserve`, { item, pieces: 1 });
  return message.doAndSubmit(orders.checkUrl(process.env['CHECK_URL'] ?? '', id), (barrier) =>
    orders.insertOne(barrier, { _id: id, item, state: 'new' }),
  );
}

/** Served at CHECK_URL: tells the coordinator whether the order was inserted. */
export const checkOrder = orders.backCheckHandler();

/** To be called now and then: deletes old marks, and keeps those of the last thirty days. */
export const clean = () => shelves.cleanMarks({ olderThan: '30d' });
// #endregion
