import { Client, type Pool, type PoolClient } from 'pg';

export const postgresUrl = process.env['TANDEM_TEST_POSTGRES_URL'];

export interface PostgresDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of the suite's own on the shared server. */
export async function createPostgresDatabase(name: string): Promise<PostgresDatabase> {
  const database = `${name}_${String(process.pid)}`;
  await onServer(`create database ${database}`);
  const url = new URL(postgresUrl ?? 'postgres://absent');
  url.pathname = `/${database}`;
  return { url: url.href, drop: () => drop(database) };
}

const inUse = '55006';

/**
 * A server learns of the end of a connection after its client, and of one that was cut later still: each try waits five seconds for
 * it by itself. `with (force)` would end what is about to end, and a driver throws that error where nobody listens any more.
 */
async function drop(database: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await onServer(`drop database ${database}`);
      return;
    } catch (error) {
      if (tries === 10 || !(error instanceof Error && 'code' in error && error.code === inUse)) throw error;
    }
  }
}

/** Begins a transaction on a connection of the pool, works and commits; rolls back and throws when the work throws. */
export function beginOn(pool: Pool): <T>(work: (client: PoolClient) => Promise<T>) => Promise<T> {
  return async (work) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const value = await work(client);
      await client.query('commit');
      return value;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };
}

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
