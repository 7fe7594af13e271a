// #region first
import { branchHandler, BranchFailure, createClient } from '@tandem/client';
import { db } from './accounts.js'; // sqlite(new DatabaseSync('bank-a.db')), of '@tandem/client/sqlite'

// Where the money leaves: a route of your service. The barrier makes duplicate, late and empty calls harmless.
export const withdraw = branchHandler<{ from: string; amount: number }>(({ payload, barrier }) =>
  barrier.transaction(db, (tx) => {
    const { changes } = tx
      .prepare('update account set balance = balance - ? where name = ? and balance >= ?')
      .run(payload.amount, payload.from, payload.amount);
    if (changes === 0) throw new BranchFailure('not enough money');
  }),
);

// Where the transfer is decided: two steps in two services, each with its way back.
const tandem = createClient({ url: 'http://localhost:36789' });
export const transfer = () =>
  tandem
    .saga({ gid: 'transfer-4711' })
    .step('withdraw', {
      action: 'http://bank-a/withdraw',
      compensate: 'http://bank-a/withdraw-undo',
      payload: { from: 'ann', amount: 30 },
    })
    .step('deposit', {
      action: 'http://bank-b/deposit',
      compensate: 'http://bank-b/deposit-undo',
      payload: { to: 'bob', amount: 30 },
    })
    .submit({ waitResult: true }); // resolves when both are done; throws TransactionFailed when both are undone
// #endregion
