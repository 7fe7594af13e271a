/** The barrier's statements by node-postgres. */
import type { ClientBase } from 'pg';
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { numbered, type SqlQuery } from '../sql/sql-adapter.js';
import { postgresSession, type PostgresBarrierOptions } from './postgres-session.js';

/** As with every driver of PostgreSQL. */
export type PgBarrierOptions = PostgresBarrierOptions;

/** Works in the transaction that is open on the client. */
export function pgSession<Client extends ClientBase>(
  client: Client,
  options: PgBarrierOptions,
): AsyncBarrierSession<Client> {
  return postgresSession(client, pgQuery(client), options);
}

export function pgQuery(client: ClientBase): SqlQuery {
  return async (sql, values) => {
    const { rows } = await client.query<Record<string, unknown>>(numbered(sql), [...values]);
    return rows;
  };
}
