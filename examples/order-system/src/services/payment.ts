/** The payment: HTTP, on a MariaDB database of its own. What it serves is CONTRACT.md; python/payment.py serves the same. */
import { BranchFailure, branchHandler, type RequestHandler } from '@tandem/client';
import { mysql } from '@tandem/client/mysql';
import { nodeListener } from '@tandem/client/node';
import { serve, setting } from '@tandem/example-stage';
import { createPool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise';

/** The payload of every branch; the amount in cents. */
interface Payment {
  readonly order: string;
  readonly account: string;
  readonly amount: number;
}

type Change = (connection: PoolConnection, payment: Payment) => Promise<void>;

const pool = createPool({ uri: setting('DATABASE_URL'), connectionLimit: 12 });
const db = mysql(pool);

const branch = (change: Change): RequestHandler =>
  branchHandler<Payment>(({ payload, barrier }) =>
    barrier.transaction(db, (connection) => change(connection, payload)),
  );

/** The money leaves the account now; `status` says whether for good. */
const take =
  (status: 'paid' | 'reserved'): Change =>
  async (connection, { order, account, amount }) => {
    const insert = 'insert into payment (order_id, account, amount, status) values (?, ?, ?, ?)';
    await connection.execute(insert, [order, account, amount, status]);
    const update = 'update account set balance = balance - ? where name = ? and balance >= ?';
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(update, [amount, account, amount]);
    if (affectedRows === 0) throw new BranchFailure(`${account} has not enough money`);
  };

/** Comes only where the money was taken: the barrier sees to it. */
const giveBack =
  (status: 'refunded' | 'released'): Change =>
  async (connection, { order, account, amount }) => {
    await connection.execute('update payment set status = ? where order_id = ?', [status, order]);
    await connection.execute('update account set balance = balance + ? where name = ?', [amount, account]);
  };

const capture: Change = async (connection, { order }) => {
  await connection.execute("update payment set status = 'paid' where order_id = ?", [order]);
};

serve(
  nodeListener({
    '/pay': branch(take('paid')),
    '/refund': branch(giveBack('refunded')),
    '/reserve': branch(take('reserved')),
    '/capture': branch(capture),
    '/release': branch(giveBack('released')),
  }),
);
