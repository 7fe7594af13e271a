import { newGid } from '@tandem/client';
import { drawTransfer, effectsOf } from './draw-transfer.js';
import { sagaRoutes, sagaStep } from './saga-steps.js';
import { tell } from './told.js';
import type { TransactionKind } from './transaction-kind.js';

/** Money from one bank to another, step by step; now and then the wrong way round, or with a time limit. */
export const sequentialSaga: TransactionKind = {
  name: 'saga',
  weight: 4,
  routes: sagaRoutes,
  draw: ({ client, banks }, random) => {
    const gid = newGid();
    const transfer = drawTransfer(banks, random);
    const { from, to, amount } = transfer;
    const debit = sagaStep('debit', from.bank, from.account, amount);
    const credit = sagaStep('credit', to.bank, to.account, amount);
    const isCreditFirst = random.chance(0.3);
    const options = { gid, ...(random.chance(0.15) && { timeoutToFail: '1s' as const }) };
    return {
      gid,
      effects: effectsOf(transfer),
      mustFail: transfer.mustFail,
      attempt: ({ waitResult }) =>
        tell(() => {
          const saga = client.saga(options);
          const steps = isCreditFirst
            ? saga.step('credit', credit).step('debit', debit)
            : saga.step('debit', debit).step('credit', credit);
          return steps.submit({ waitResult });
        }),
    };
  },
};
