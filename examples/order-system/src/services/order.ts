/**
 * The orders: Express, on PostgreSQL. Customers order here (`POST /orders`) and ask (`GET /orders/:id`); the branches that write the
 * order's row are its part in the transaction, behind the barrier as everybody's.
 */
import { branchHandler, createClient, TransactionFailed, TransactionOngoing } from '@tandem/client';
import { expressBranch } from '@tandem/client/express';
import { grpcCoordinator } from '@tandem/client/grpc';
import { pg } from '@tandem/client/pg';
import { serve, setting } from '@tandem/example-stage';
import express from 'express';
import { Pool, type PoolClient } from 'pg';
import { z } from 'zod';
import { orderSchema, type Order, type OrderAnswer, type OrderStatus } from '../order.js';
import { placeAsSaga, placeAsTcc, type Places } from './place-order.js';

const pool = new Pool({ connectionString: setting('DATABASE_URL'), max: 12 });
// An idle connection that breaks must not end the process: the pool opens another one.
pool.on('error', (error) => console.error(`a connection to the database was lost: ${error.message}`));
const db = pg(pool);

const tandem = createClient({ coordinator: grpcCoordinator({ address: setting('COORDINATORS').split(',') }) });
const places: Places = {
  order: setting('ORDER_URL'),
  stock: setting('STOCK_URL'),
  coupon: setting('COUPON_URL'),
  payment: setting('PAYMENT_URL'),
};

/** A branch that writes the order's row. */
const branch = (write: (client: PoolClient, order: Order) => Promise<unknown>) =>
  expressBranch(
    branchHandler(({ payload, barrier }) => barrier.transaction(db, (client) => write(client, payload)), {
      payload: orderSchema,
    }),
  );

const place = branch((client, { id, item, coupon, account, amount, mode }) =>
  client.query(
    "insert into orders (id, item, coupon, account, amount, mode, status) values ($1, $2, $3, $4, $5, $6, 'pending')",
    [id, item, coupon, account, amount, mode],
  ),
);

const end = (status: OrderStatus) =>
  branch((client, { id }) => client.query('update orders set status = $2 where id = $1', [id, status]));

async function statusOf(id: string): Promise<OrderStatus | undefined> {
  const { rows } = await pool.query<{ status: OrderStatus }>('select status from orders where id = $1', [id]);
  return rows[0]?.status;
}

async function placed(order: Order, waitResult: boolean): Promise<OrderAnswer> {
  const isTcc = order.mode === 'tcc';
  try {
    const status = await statusOf(order.id);
    // A saga that has begun is joined. A TCC is run by this process, so one that has begun is left to whoever runs it, or to the
    // coordinator, which cancels it where nobody does.
    if (status !== undefined && (isTcc || status !== 'pending')) return answerOf(status);
    await (isTcc ? placeAsTcc : placeAsSaga)(tandem, order, { places, waitResult });
    return { status: waitResult ? 'confirmed' : 'pending' };
  } catch (error) {
    if (error instanceof TransactionFailed) return { status: 'refused', reason: error.reason };
    if (error instanceof TransactionOngoing) return { status: 'pending' };
    return { status: 'unclear', reason: error instanceof Error ? error.message : String(error) };
  }
}

function answerOf(status: OrderStatus): OrderAnswer {
  return status === 'refused' ? { status, reason: 'it was refused before' } : { status };
}

const httpStatus = { confirmed: 201, refused: 409, pending: 202, unclear: 503 } as const;

const app = express();
app.all('/place', place);
app.all('/confirm', end('confirmed'));
app.all('/refuse', end('refused'));

app.post('/orders', express.json(), async (request, response) => {
  const order = orderSchema.safeParse(request.body);
  if (!order.success) {
    response.status(400).json({ message: z.prettifyError(order.error) });
    return;
  }
  const answer = await placed(order.data, request.query['wait'] === '1');
  response.status(httpStatus[answer.status]).json(answer);
});

app.get('/orders/:id', async (request, response) => {
  const status = await statusOf(request.params.id);
  if (status === undefined) response.status(404).json({ message: 'there is no such order' });
  else response.json(answerOf(status));
});

serve(app);
