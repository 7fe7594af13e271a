import { createBarrierTable, drizzleBarriers } from '@tandem/client/drizzle';
import { sql } from 'drizzle-orm';
import { drizzle as onMysql, type MySql2Database } from 'drizzle-orm/mysql2';
import { drizzle as onPg, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { drizzle as onPostgresJs, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import postgres from 'postgres';
import { libraryCases } from './library-cases.js';

type TxOf<Db extends NodePgDatabase | PostgresJsDatabase | MySql2Database> = Parameters<
  Parameters<Db['transaction']>[0]
>[0];

libraryCases<TxOf<NodePgDatabase>>('Drizzle', 'PostgreSQL', async (url, options) => {
  const pool = new Pool({ connectionString: url });
  // Drizzle does not listen while it borrows a client: the error of a connection that dies would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const db = onPg({ client: pool });
  return {
    db: drizzleBarriers(db, options),
    source: db,
    joined: (tx) => drizzleBarriers(tx, options),
    begin: (work) => db.transaction(work),
    run: (tx, text) => tx.execute(sql.raw(text)),
    createTable: () => createBarrierTable(db, options),
    close: () => pool.end(),
  };
});

libraryCases<TxOf<PostgresJsDatabase>>('Drizzle with postgres.js', 'PostgreSQL', async (url, options) => {
  const client = postgres(url, { onnotice: () => undefined });
  const db = onPostgresJs({ client });
  return {
    db: drizzleBarriers(db, options),
    source: db,
    joined: (tx) => drizzleBarriers(tx, options),
    begin: (work) => db.transaction(work),
    run: (tx, text) => tx.execute(sql.raw(text)),
    isLostWithItsConnection: true,
    createTable: () => createBarrierTable(db, options),
    close: () => client.end(),
  };
});

libraryCases<TxOf<MySql2Database>>('Drizzle', 'MariaDB', async (url, options) => {
  const pool = createPool(url);
  const db = onMysql({ client: pool });
  return {
    db: drizzleBarriers(db, options),
    source: db,
    joined: (tx) => drizzleBarriers(tx, options),
    begin: (work) => db.transaction(work),
    run: (tx, text) => tx.execute(sql.raw(text)),
    createTable: () => createBarrierTable(db, options),
    close: () => pool.end(),
  };
});
