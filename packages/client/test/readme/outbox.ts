// #region outbox
import { createClient } from '@tandem/client';
import { kyselyBarriers } from '@tandem/client/kysely';
import { createOutbox, createOutboxTable } from '@tandem/client/outbox';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

interface Tables {
  orders: { id: string; item: string };
}

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const pool = new Pool({ connectionString: process.env['DATABASE_URL'] });
export const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
const outbox = createOutbox(tandem, kyselyBarriers(db));
await createOutboxTable(kyselyBarriers(db));

/** Commits whether or not a coordinator can be reached. */
export async function placeOrder(id: string, item: string) {
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('orders').values({ id, item }).execute();
    const message = tandem.message({ gid: `order-${id}` }).add(`${process.env['STOCK_URL'] ?? ''}/reserve`, { item });
    await outbox.send(tx, message);
  });
}

/** In this process, in others, or in both: brings what is committed to the coordinator. */
export const relay = outbox.relay();
// #endregion

export { outbox };
