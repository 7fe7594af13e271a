/** A shop of two services on one SQLite, with the right handlers; tests put wrong ones in their places. */
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler, type BranchCall, type Client, type RequestHandler } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';

export interface Order {
  readonly pieces: number;
  readonly price: number;
}

export type Call = BranchCall<Order>;

/** What is in the books: pieces on the shelf, and money of the customer. */
export interface Books {
  readonly pieces: number;
  readonly euro: number;
}

export const urls = {
  take: 'http://stock/take',
  giveBack: 'http://stock/give-back',
  charge: 'http://pay/charge',
  refund: 'http://pay/refund',
} as const;

export type Name = keyof typeof urls;

export class Shop {
  readonly connection = new DatabaseSync(':memory:');
  readonly db = sqlite(this.connection);

  constructor() {
    createBarrierTable(this.connection);
    this.connection.exec('create table books (pieces integer, euro integer); insert into books values (5, 100)');
  }

  books(): Books {
    return this.connection.prepare('select pieces, euro from books').get() as Books;
  }

  /** Adds to the books; answers whether there was enough. */
  add(column: keyof Books, change: number): boolean {
    const update = this.connection.prepare(
      `update books set ${column} = ${column} + :change where ${column} + :change >= 0`,
    );
    return update.run({ change }).changes > 0;
  }

  /** What each branch does to the books. */
  do(name: Name, { pieces, price }: Order): void {
    const changes = { take: -pieces, giveBack: pieces, charge: -price, refund: price };
    const column = name === 'take' || name === 'giveBack' ? 'pieces' : 'euro';
    if (!this.add(column, changes[name])) throw new BranchFailure(`not enough ${column}`);
  }

  /** The right handler: the change in the transaction of the barrier. */
  right(name: Name): RequestHandler {
    return branchHandler<Order>(({ payload, barrier }) =>
      barrier.transaction(this.db, () => {
        this.do(name, payload);
      }),
    );
  }

  /** Right handlers at their URLs, and those that are given in their places. */
  handlers(wrong: Partial<Record<Name, (call: Call) => unknown>> = {}): Readonly<Record<string, RequestHandler>> {
    const names = Object.keys(urls) as Name[];
    const quiet = { onError: () => undefined };
    return Object.fromEntries(
      names.map((name) => {
        const given = wrong[name];
        return [urls[name], given === undefined ? this.right(name) : branchHandler<Order>(given, quiet)];
      }),
    );
  }
}

/** The saga of an order. */
export function orderSaga(client: Client, order: Order, gid = 'order-1') {
  return client
    .saga({ gid })
    .step('stock', { action: urls.take, compensate: urls.giveBack, payload: order })
    .step('payment', { action: urls.charge, compensate: urls.refund, payload: order });
}

/** Pieces and money have gone together, or not at all. */
export function expectedBooks(status: 'succeed' | 'failed', { pieces, price }: Order): Books {
  const isSold = status === 'succeed';
  return { pieces: 5 - (isSold ? pieces : 0), euro: 100 - (isSold ? price : 0) };
}
