/** A database of its own on the shared server, and a look at it that goes past the library under test. */
import { Client, Pool } from 'pg';
import { openMysqlDatabase, mariadbUrl } from './mysql-database.js';

export const postgresUrl = process.env['TANDEM_TEST_POSTGRES_URL'];

export type TestedEngine = 'PostgreSQL' | 'MariaDB';

export interface LibraryDatabase {
  readonly engine: TestedEngine;
  readonly url: string;
  /** The first column, a text, of every row. */
  texts(sql: string): Promise<string[]>;
  close(): Promise<void>;
}

/** What says that the engine is at hand. */
export const serverOf: Readonly<Record<TestedEngine, string | undefined>> = {
  PostgreSQL: postgresUrl,
  MariaDB: mariadbUrl,
};

export async function openLibraryDatabase(engine: TestedEngine, name: string): Promise<LibraryDatabase> {
  return engine === 'PostgreSQL' ? openPostgresDatabase(name) : openMariadbDatabase(name);
}

async function openPostgresDatabase(name: string): Promise<LibraryDatabase> {
  const database = `${name}_${String(process.pid)}`;
  const onServer = async (sql: string): Promise<void> => {
    const client = new Client({ connectionString: postgresUrl });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await onServer(`create database ${database}`);
  const url = new URL(postgresUrl ?? 'postgres://absent');
  url.pathname = `/${database}`;
  const pool = new Pool({ connectionString: url.href, max: 2 });
  return {
    engine: 'PostgreSQL',
    url: url.href,
    texts: async (sql) => {
      const { rows } = await pool.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows.map(([first]) => String(first));
    },
    close: async () => {
      await pool.end();
      // Of a connection that was cut, the server may learn late.
      await onServer(`drop database ${database} with (force)`);
    },
  };
}

async function openMariadbDatabase(name: string): Promise<LibraryDatabase> {
  const database = await openMysqlDatabase(name);
  return {
    engine: 'MariaDB',
    url: database.url,
    texts: async (sql) => {
      const [rows] = await database.pool.query({ sql, rowsAsArray: true });
      return (Array.isArray(rows) ? (rows as unknown[][]) : []).map(([first]) => String(first));
    },
    close: () => database.close(),
  };
}
