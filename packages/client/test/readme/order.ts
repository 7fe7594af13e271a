// #region message
import { backCheckHandler, createClient } from '@tandem/client';
import { pg } from '@tandem/client/pg';
import { Pool } from 'pg';

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const pool = new Pool({ connectionString: process.env['DATABASE_URL'] });
const db = pg(pool);

/** Served at CHECK_URL: tells the coordinator whether the order is in the database. */
export const checkOrder = backCheckHandler(db);

export async function placeOrder(id: string, item: string) {
  const message = tandem
    .message({ gid: `order-${id}` })
    .add(`${process.env['STOCK_URL'] ?? ''}/reserve`, { item })
    .addTopic('order-placed', { id, item }, { isAsync: true });
  return message.doAndSubmit(process.env['CHECK_URL'] ?? '', (barrier) =>
    barrier.transaction(db, (client) => client.query('insert into orders values ($1, $2)', [id, item])),
  );
}
// #endregion

export { pool };
