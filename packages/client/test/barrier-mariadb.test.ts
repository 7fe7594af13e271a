import { createBarrierTable, mariadbBarriers } from '@tandem/client/mariadb';
import { createPool, type Connection } from 'mariadb';
import { libraryCases } from './library-cases.js';

libraryCases<Connection>('mariadb', 'MariaDB', async (url, options) => {
  const pool = createPool(url.replace(/^mysql:/, 'mariadb:'));
  return {
    db: mariadbBarriers(pool, options),
    source: pool,
    joined: (tx) => mariadbBarriers(tx, options),
    begin: async (work) => {
      const connection = await pool.getConnection();
      try {
        await connection.beginTransaction();
        const value = await work(connection);
        await connection.commit();
        return value;
      } catch (error) {
        await connection.rollback();
        throw error;
      } finally {
        await connection.release();
      }
    },
    run: (tx, text) => tx.query(text),
    createTable: () => createBarrierTable(pool, options),
    close: () => pool.end(),
  };
});
