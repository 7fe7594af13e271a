import { newGid } from '@tandem/client';
import { drawTransfer, effectsOf } from './draw-transfer.js';
import { sagaRoutes, sagaStep } from './saga-steps.js';
import { tell } from './told.js';
import type { TransactionKind } from './transaction-kind.js';

/** Two transfers in one saga, side by side; now and then the credits wait for the debits. */
export const concurrentSaga: TransactionKind = {
  name: 'concurrent saga',
  weight: 3,
  routes: (bank) => sagaRoutes(bank),
  draw: ({ client, banks }, random) => {
    const gid = newGid();
    const one = drawTransfer(banks, random);
    const other = drawTransfer(banks, random);
    const after = random.chance(0.5) ? { after: ['debit one', 'debit other'] as const } : {};
    return {
      gid,
      effects: [...effectsOf(one), ...effectsOf(other)],
      mustFail: one.mustFail || other.mustFail,
      attempt: ({ waitResult }) =>
        tell(() =>
          client
            .saga({ gid, concurrent: true })
            .step('debit one', sagaStep('debit', one.from.bank, one.from.account, one.amount))
            .step('debit other', sagaStep('debit', other.from.bank, other.from.account, other.amount))
            .step('credit one', { ...sagaStep('credit', one.to.bank, one.to.account, one.amount), ...after })
            .step('credit other', { ...sagaStep('credit', other.to.bank, other.to.account, other.amount), ...after })
            .submit({ waitResult }),
        ),
    };
  },
};
