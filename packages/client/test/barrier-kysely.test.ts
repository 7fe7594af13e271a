import { createBarrierTable, kyselyBarriers } from '@tandem/client/kysely';
import {
  CompiledQuery,
  Kysely,
  MysqlDialect,
  PostgresDialect,
  SqliteAdapter,
  type Dialect,
  type Transaction,
} from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { libraryCases, type Library, type LibraryOptions } from './library-cases.js';

interface Tables {
  account: { balance: number };
}

/** Kysely does not listen while it borrows a client: the error of a connection that dies would end the process. */
function listeningPool(url: string): Pool {
  return new Pool({ connectionString: url }).on('connect', (client) => client.on('error', () => undefined));
}

async function open(dialect: Dialect, options: LibraryOptions): Promise<Library<Transaction<Tables>>> {
  const db = new Kysely<Tables>({ dialect });
  return {
    db: kyselyBarriers(db, options),
    source: db,
    joined: (tx) => kyselyBarriers(tx, options),
    begin: (work) => db.transaction().execute(work),
    run: (tx, text) => tx.executeQuery(CompiledQuery.raw(text)),
    createTable: () => createBarrierTable(db, options),
    close: () => db.destroy(),
  };
}

libraryCases('Kysely', 'PostgreSQL', (url, options) =>
  open(new PostgresDialect({ pool: listeningPool(url) }), options),
);
libraryCases('Kysely', 'MariaDB', (url, options) => open(new MysqlDialect({ pool: createPool(url) }), options));

test('Kysely on an engine that barriers do not work on is refused', () => {
  const dialect = new PostgresDialect({ pool: new Pool() });
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => dialect.createDriver(),
      createIntrospector: (inner) => dialect.createIntrospector(inner),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  });
  expect(() => kyselyBarriers(db)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
});
