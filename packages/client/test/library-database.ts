/** A database of its own on the shared server, and a look at it that goes past the library under test. */
import { Pool } from 'pg';
import { openMysqlDatabase, mariadbUrl } from './mysql-database.js';
import { createPostgresDatabase, postgresUrl } from './postgres-database.js';

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
  const database = await createPostgresDatabase(name);
  const pool = new Pool({ connectionString: database.url, max: 2 });
  return {
    engine: 'PostgreSQL',
    url: database.url,
    texts: async (sql) => {
      const { rows } = await pool.query<unknown[]>({ text: sql, rowMode: 'array' });
      return rows.map(([first]) => String(first));
    },
    close: async () => {
      await pool.end();
      await database.drop();
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
