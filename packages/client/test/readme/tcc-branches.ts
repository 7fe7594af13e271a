// #region tcc-branches
import { DatabaseSync } from '@photostructure/sqlite';
import { BranchFailure, branchHandler } from '@tandem/client';
import { createBarrierTable, sqlite } from '@tandem/client/sqlite';
import { z } from 'zod';

const connection = new DatabaseSync(process.env['DATABASE'] ?? 'airline.db');
connection.exec('create table if not exists seat (number text primary key, guest text, is_paid integer default 0)');
createBarrierTable(connection);
const db = sqlite(connection);

/** Any schema library of standardschema.dev: a payload that it refuses is a refusal of the branch. */
const payload = z.object({ guest: z.string().min(1) });

export const hold = branchHandler(
  async ({ payload: { guest }, barrier }) => {
    await barrier.transaction(db, () => {
      const free = 'select number from seat where guest is null limit 1';
      const update = connection.prepare(`update seat set guest = ? where number = (${free})`);
      if (update.run(guest).changes === 0) throw new BranchFailure('no seat is left');
    });
    return connection.prepare('select number from seat where guest = ?').get(guest);
  },
  { payload },
);

export const buy = branchHandler(
  ({ payload: { guest }, barrier }) =>
    barrier.transaction(db, () => {
      connection.prepare('update seat set is_paid = 1 where guest = ?').run(guest);
    }),
  { payload },
);

export const letGo = branchHandler(
  ({ payload: { guest }, barrier }) =>
    barrier.transaction(db, () => {
      connection.prepare('update seat set guest = null where guest = ?').run(guest);
    }),
  { payload },
);
// #endregion

export { connection };
