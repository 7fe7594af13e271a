import { branchHandler } from '@tandem/client';
import { pg } from '@tandem/client/pg';
import type { Pool } from 'pg';

export function reserveHandler(pool: Pool) {
  // #region run
  const reserve = branchHandler<{ item: string }>(async ({ payload, barrier }) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      await barrier.run(pg(client), () =>
        client.query('update stock set left_over = left_over - 1 where item = $1', [payload.item]),
      );
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  });
  // #endregion
  return reserve;
}
