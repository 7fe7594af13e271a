import { newGid } from '@tandem/client';
import { drawTransfer, effectsOf } from './draw-transfer.js';
import { tell } from './told.js';
import type { TransactionKind } from './transaction-kind.js';

/** A message without a local transaction: submit alone decides. */
export const plainMessage: TransactionKind = {
  name: 'plain message',
  weight: 1,
  routes: (bank) => ({
    '/message/give': bank.movement(1, { isUndo: true }),
    '/message/take': bank.movement(-1, { isUndo: true }),
  }),
  draw: ({ client, banks }, random) => {
    const gid = newGid();
    const transfer = drawTransfer(banks, random);
    const { from, to, amount } = transfer;
    const isConcurrent = random.chance(0.5);
    return {
      gid,
      effects: effectsOf(transfer),
      mustFail: false,
      cannotFail: true,
      attempt: ({ waitResult }) =>
        tell(() =>
          client
            .message({ gid, concurrent: isConcurrent })
            .add(`${from.bank.url}/message/take`, { account: from.account, amount })
            .add(`${to.bank.url}/message/give`, { account: to.account, amount })
            .submit({ waitResult }),
        ),
    };
  },
};
