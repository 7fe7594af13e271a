// #region xa
import { createClient, xaHandler, type BranchCall } from '@tandem/client';
import { pgXa } from '@tandem/client/pg';
import { Pool } from 'pg';

const tandem = createClient({ url: process.env['TANDEM_URL'] ?? 'http://127.0.0.1:36789' });
const pool = new Pool({ connectionString: process.env['DATABASE_URL'] });

/** The caller's side. */
export async function transfer(from: string, to: string, amount: number) {
  await tandem.xa({ waitResult: true }, async (xa) => {
    await xa.branch('debit', {
      url: `${process.env['NORTH_BANK'] ?? ''}/move`,
      payload: { account: from, change: -amount },
    });
    await xa.branch('credit', {
      url: `${process.env['SOUTH_BANK'] ?? ''}/move`,
      payload: { account: to, change: amount },
    });
  });
}

/** A bank's side, all of it: does the work, prepares it, and commits or rolls back when the coordinator calls. */
export const move = xaHandler(tandem, pgXa(pool), (tx, { payload }: BranchCall<Movement>) =>
  tx.query('update account set balance = balance + $1 where name = $2', [payload.change, payload.account]),
);

interface Movement {
  account: string;
  change: number;
}
// #endregion

export { pool };
