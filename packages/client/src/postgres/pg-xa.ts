/** XA branches on PostgreSQL by node-postgres. */
import type { Pool, PoolClient } from 'pg';
import type { XaConnection } from '../xa/xa-connection.js';
import type { XaDatabase } from '../xa/xa-database.js';
import { lendClient } from './lent-client.js';
import { pgQuery, type PgBarrierOptions } from './pg-session.js';
import { postgresXa } from './postgres-xa.js';

/** Uses a pool, of which every branch takes a client. PostgreSQL must be set up with `max_prepared_transactions` above 0. */
export function pgXa(pool: Pool, options: PgBarrierOptions = {}): XaDatabase<PoolClient> {
  return postgresXa({ pool, max: pool.options.max, open: () => lent(pool) }, options);
}

async function lent(pool: Pool): Promise<XaConnection<PoolClient>> {
  const { client, markUnusable, giveBack } = await lendClient(pool);
  return {
    tx: client,
    query: pgQuery(client),
    release: giveBack,
    close: () => {
      markUnusable();
      giveBack();
    },
  };
}
