/** The books: what the four services have in their databases, side by side. Read when nothing runs. */
import { onMariadb, onPostgres, onRedis, type Stores, type Supply } from './stores.js';
import type { RowDataPacket } from 'mysql2/promise';
import type { Order, OrderStatus } from '../order.js';

export interface OrderRow extends Pick<Order, 'id' | 'item' | 'coupon' | 'account' | 'amount'> {
  readonly status: OrderStatus;
}

export interface PaymentRow {
  readonly order: string;
  readonly account: string;
  readonly amount: number;
  readonly status: string;
}

export interface Books {
  readonly orders: readonly OrderRow[];
  readonly payments: readonly PaymentRow[];
  readonly balances: Readonly<Record<string, number>>;
  readonly items: Readonly<Record<string, { readonly leftOver: number; readonly held: number }>>;
  /** How often each may still be used. */
  readonly coupons: Readonly<Record<string, number>>;
}

export async function readBooks(stores: Stores, { coupons }: Supply): Promise<Books> {
  const orders = await onPostgres(stores.orders, async (client) => {
    const sql = 'select id, item, coupon, account, amount::float8 as amount, status from orders order by id';
    return (await client.query<OrderRow>(sql)).rows;
  });
  const items = await onMariadb(stores.stock, async (connection) => {
    const [rows] = await connection.query<RowDataPacket[]>('select name, left_over, held from item');
    return rows.map(
      (row) => [String(row['name']), { leftOver: Number(row['left_over']), held: Number(row['held']) }] as const,
    );
  });
  const [payments, balances] = await onMariadb(stores.payments, async (connection) => {
    const sql = 'select order_id as `order`, account, amount, status from payment order by order_id';
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    const [accounts] = await connection.query<RowDataPacket[]>('select name, balance from account');
    return [
      rows as PaymentRow[],
      accounts.map((row) => [String(row['name']), Number(row['balance'])] as const),
    ] as const;
  });
  const left = await onRedis(stores.redis, async (redis) =>
    Promise.all(
      coupons.map(async (code) => [code, Number(await redis.get(`${stores.couponPrefix}coupon:${code}`))] as const),
    ),
  );
  return {
    orders,
    payments,
    balances: Object.fromEntries(balances),
    items: Object.fromEntries(items),
    coupons: Object.fromEntries(left),
  };
}

/** How many of each there are; all four are the same number where the books balance. */
export interface Sums {
  readonly confirmed: number;
  readonly taken: number;
  readonly used: number;
  readonly paid: number;
}

export function sumsOf(books: Books, supply: Supply): Sums {
  const taken = Object.entries(supply.items).map(([name, pieces]) => pieces - (books.items[name]?.leftOver ?? 0));
  return {
    confirmed: books.orders.filter(({ status }) => status === 'confirmed').length,
    taken: taken.reduce((sum, pieces) => sum + pieces, 0),
    used: supply.coupons.filter((code) => books.coupons[code] === 0).length,
    paid: books.payments.filter(({ status }) => status === 'paid').length,
  };
}

/** Everything that does not balance, in sentences; none is as it should be. */
export function discrepancies(books: Books, supply: Supply): string[] {
  const confirmed = books.orders.filter(({ status }) => status === 'confirmed');
  const found: string[] = [];
  const expect = (isSo: boolean, said: string): void => {
    if (!isSo) found.push(said);
  };
  for (const { id, status } of books.orders) expect(status !== 'pending', `order ${id} is still pending`);
  for (const [name, pieces] of Object.entries(supply.items)) {
    const ordered = confirmed.filter(({ item }) => item === name).length;
    const { leftOver, held } = books.items[name] ?? { leftOver: 0, held: 0 };
    expect(leftOver >= 0 && ordered <= pieces, `${name}: ${ordered} of ${pieces} were sold`);
    expect(held === 0, `${name}: ${held} are still held`);
    expect(pieces - leftOver === ordered, `${name}: ${pieces - leftOver} were taken, ${ordered} are ordered`);
  }
  for (const code of supply.coupons) {
    const uses = confirmed.filter(({ coupon }) => coupon === code).length;
    expect(books.coupons[code] === 1 - uses, `coupon ${code}: ${books.coupons[code]} left, used by ${uses} orders`);
  }
  const paid = new Map(books.payments.filter(({ status }) => status === 'paid').map((row) => [row.order, row]));
  for (const { id, account, amount } of confirmed) {
    const payment = paid.get(id);
    expect(payment?.account === account && payment.amount === amount, `order ${id} is confirmed, and not paid`);
  }
  expect(paid.size === confirmed.length, `${paid.size} payments for ${confirmed.length} confirmed orders`);
  for (const { order, status } of books.payments) {
    expect(status !== 'reserved', `the payment of order ${order} is still reserved`);
  }
  for (const [name, opening] of Object.entries(supply.accounts)) {
    const spent = [...paid.values()]
      .filter(({ account }) => account === name)
      .reduce((sum, one) => sum + one.amount, 0);
    const balance = books.balances[name];
    expect(balance === opening - spent, `${name} has ${balance}, had ${opening} and paid ${spent}`);
  }
  return found;
}
