import { newGid } from '@tandem/client';
import { drawTransfer } from './draw-transfer.js';
import { toldByError } from './told.js';
import type { TransactionKind } from './transaction-kind.js';

/** A message that is prepared and then given up by its sender: nobody may ever hear of it. */
export const abortedMessage: TransactionKind = {
  name: 'aborted message',
  weight: 1,
  // The receivers and the back-check are those of `message`.
  routes: () => ({}),
  draw: ({ client, banks }, random) => {
    const gid = newGid();
    const { from, to, amount } = drawTransfer(banks, random);
    return {
      gid,
      effects: [{ bank: to.bank.name, account: to.account, change: amount }],
      mustFail: true,
      sender: from.bank.name,
      attempt: async () => {
        const message = client
          .message({ gid, firstCheckAfter: '1s' })
          .add(`${to.bank.url}/message/receive`, { account: to.account, amount });
        try {
          await message.prepare(`${from.bank.url}/message/back-check`);
          await message.abort();
          return { kind: 'failed', why: 'aborted by its sender' };
        } catch (error) {
          return toldByError(error);
        }
      },
    };
  },
};
