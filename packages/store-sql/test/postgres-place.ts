import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Empty where no server was given: then the suites are skipped, and say so. */
export const postgresUrl = process.env['TANDEM_TEST_POSTGRES_URL'] ?? '';

export function newSchema(): string {
  return `tandem test ${randomBytes(6).toString('hex')}`;
}

export async function dropSchema(schema: string, url = postgresUrl): Promise<void> {
  await administer((client) => client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`), url);
}

/** A connection beside the store's. */
export async function administer<T>(work: (client: pg.Client) => Promise<T>, url = postgresUrl): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
