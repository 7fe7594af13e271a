/** The barrier's statements by node-postgres. */
import type { ClientBase } from 'pg';
import type { AsyncBarrierSession } from '../barrier/barrier-database.js';
import { numbered } from '../sql/sql-adapter.js';
import { postgresSession, type PostgresBarrierOptions } from './postgres-session.js';

export type PgBarrierOptions = PostgresBarrierOptions;

/** Works in the transaction that is open on the client. */
export function pgSession<Client extends ClientBase>(
  client: Client,
  options: PgBarrierOptions,
): AsyncBarrierSession<Client> {
  return postgresSession(client, async (sql, values) => (await client.query(numbered(sql), [...values])).rows, options);
}
