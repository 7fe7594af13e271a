/** XA branches on PostgreSQL by postgres.js. */
import type { Sql } from 'postgres';
import { InvalidUse } from '../errors.js';
import { numbered } from '../sql/sql-adapter.js';
import type { XaConnection } from '../xa/xa-connection.js';
import type { XaDatabase } from '../xa/xa-database.js';
import { WatchedLink } from './postgres-js-link.js';
import type { PostgresBarrierOptions } from './postgres-session.js';
import { postgresXa } from './postgres-xa.js';

/**
 * Uses `sql`, of which every branch reserves a connection; the work gets that. PostgreSQL must be set up with
 * `max_prepared_transactions` above 0.
 */
export function postgresJsXa(sql: Sql, options: PostgresBarrierOptions = {}): XaDatabase<Sql> {
  return postgresXa({ pool: sql, max: sql.options.max, open: () => reserved(sql) }, options);
}

/** Not a `begin`: once PREPARE has ended its transaction, that lends the connection to others, and then commits on it. */
async function reserved(sql: Sql): Promise<XaConnection<Sql>> {
  const connection = await sql.reserve();
  const link = new WatchedLink<Sql>(connection);
  if (!(await link.watch())) {
    connection.release();
    throw new InvalidUse('XA_NOT_AVAILABLE', notWatched);
  }
  return {
    tx: link.sql,
    query: async (text, values) => link.sql.unsafe(numbered(text), [...values]),
    release: () => {
      // What is lost has left the pool's open ones by itself, and to release it would lend it again.
      if (link.isLost) return;
      link.forget();
      connection.release();
    },
    close: () => undefined,
  };
}

const notWatched = 'this version of postgres.js does not tell of a lost connection: take one that XA was tried with';
