// #region kysely
import { branchHandler, cleanBarrierRows } from '@tandem/client';
import { createBarrierTable, kyselyBarriers } from '@tandem/client/kysely';
import { Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';

interface Tables {
  shelf: { item: string; pieces: number };
}

const pool = new Pool({ connectionString: process.env['DATABASE_URL'] });
export const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
const barriers = kyselyBarriers(db);
await createBarrierTable(db);

/** Begins and commits. */
export const take = branchHandler<{ item: string }>(({ payload, barrier }) =>
  barrier.transaction(barriers, (tx) =>
    tx
      .updateTable('shelf')
      .set((shelf) => ({ pieces: shelf('pieces', '-', 1) }))
      .where('item', '=', payload.item)
      .execute(),
  ),
);

/** Works in a transaction that is yours. */
export const giveBack = branchHandler<{ item: string }>(({ payload, barrier }) =>
  db.transaction().execute((tx) =>
    barrier.run(kyselyBarriers(tx), () =>
      tx
        .updateTable('shelf')
        .set((shelf) => ({ pieces: shelf('pieces', '+', 1) }))
        .where('item', '=', payload.item)
        .execute(),
    ),
  ),
);

/** To be called now and then: deletes old rows, a thousand in a transaction. */
export const clean = () => cleanBarrierRows(barriers, { olderThan: '30d' });
// #endregion
