import { createBarrierTable, knexBarriers } from '@tandem/client/knex';
import knex, { type Knex } from 'knex';
import { libraryCases, type Library, type LibraryOptions } from './library-cases.js';

async function open(client: string, connection: string, options: LibraryOptions): Promise<Library<Knex.Transaction>> {
  const db = knex({ client, connection, pool: { min: 0, max: 10 } });
  return {
    db: knexBarriers(db, options),
    source: db,
    joined: (tx) => knexBarriers(tx, options),
    begin: (work) => db.transaction(work),
    run: (tx, text) => tx.raw(text),
    createTable: () => createBarrierTable(db, options),
    close: () => db.destroy(),
  };
}

libraryCases('Knex', 'PostgreSQL', (url, options) => open('pg', url, options));
libraryCases('Knex', 'MariaDB', (url, options) => open('mysql2', url, options));
