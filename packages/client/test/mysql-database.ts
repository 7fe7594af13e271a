import { createConnection, createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';

export const mariadbUrl = process.env['TANDEM_TEST_MARIADB_URL'];

/** A database of its own, which is dropped at the end. */
export async function openMysqlDatabase(
  name: string,
): Promise<{ readonly pool: Pool; readonly url: string; close(): Promise<void> }> {
  const database = `${name}_${String(process.pid)}`;
  const onServer = async (sql: string): Promise<void> => {
    const connection = await createConnection(mariadbUrl ?? '');
    await connection.query(sql);
    await connection.end();
  };
  await onServer(`create database ${database}`);
  const url = new URL(mariadbUrl ?? 'mysql://absent');
  url.pathname = `/${database}`;
  const pool = createPool({ uri: url.href, connectionLimit: 10 });
  return {
    pool,
    url: url.href,
    close: async () => {
      await pool.end();
      await onServer(`drop database ${database}`);
    },
  };
}

export async function numberOf(source: Pool | PoolConnection, sql: string): Promise<number> {
  const [rows] = await source.query<RowDataPacket[]>(sql);
  return Number((rows[0] as { readonly n: unknown } | undefined)?.n);
}
