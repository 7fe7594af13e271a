import { createBarrierTable, postgresJsBarriers } from '@tandem/client/postgres-js';
import postgres from 'postgres';
import { libraryCases } from './library-cases.js';

libraryCases<postgres.TransactionSql>('postgres.js', 'PostgreSQL', async (url, options) => {
  const sql = postgres(url, { max: 10, onnotice: () => undefined });
  return {
    db: postgresJsBarriers(sql, options),
    source: sql,
    joined: (tx) => postgresJsBarriers(tx, options),
    begin: <T>(work: (tx: postgres.TransactionSql) => Promise<T>) => sql.begin(work) as Promise<T>,
    run: (tx, text) => tx.unsafe(text),
    // It writes to the socket that is gone, and that ends the process: https://github.com/porsager/postgres, `nextWrite`.
    isLostWithItsConnection: true,
    createTable: () => createBarrierTable(sql, options),
    close: () => sql.end(),
  };
});
