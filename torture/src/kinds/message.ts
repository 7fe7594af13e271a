/**
 * Two-phase messages: a bank takes the money in its local transaction and tells another, or all others by a topic. The
 * sender is the bank's process, which may die between the two; its back-check then decides.
 */
import { backCheckHandler, newGid, type RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import type { Random } from '../random.js';
import { askBank, errandRoute } from './ask-bank.js';
import { drawTransfer } from './draw-transfer.js';
import { tell, type Told } from './told.js';
import type { City, Intent, TransactionKind } from './transaction-kind.js';

/** Everybody who is subscribed gets the money; the run subscribes every bank before it begins. */
export const topicOfAllBanks = 'torture-all-banks';

/** What a client asks a bank to send. */
interface SendOrder {
  readonly gid: string;
  readonly backCheck: string;
  readonly account: string;
  readonly taken: number;
  /** A URL, or `topic://NAME`. */
  readonly receiver: string;
  readonly given: { readonly account: string; readonly amount: number };
  readonly waitResult: boolean;
}

const errand = 'message';

function send(bank: Bank, order: SendOrder): Promise<Told> {
  const { gid, account, taken, waitResult } = order;
  return tell(() =>
    bank.client
      .message({ gid, firstCheckAfter: '1s' })
      .add(order.receiver, order.given)
      .doAndSubmit(
        order.backCheck,
        (barrier) =>
          bank.once(barrier, () => bank.change({ account, amount: -taken }, { gid, branchId: '00', op: 'msg' }, false)),
        { waitResult },
      ),
  );
}

function messageRoutes(bank: Bank): Readonly<Record<string, RequestHandler>> {
  return {
    ...errandRoute(errand, (order) => send(bank, order as SendOrder)),
    '/message/receive': bank.movement(1, { isUndo: true }),
    '/message/back-check': backCheckHandler(bank.database),
  };
}

function drawMessage({ banks }: City, random: Random, toAll: boolean): Intent {
  const gid = newGid();
  const { from, to, amount, mustFail } = drawTransfer(banks, random);
  const given = { account: to.account === 'frozen' ? 'rich-0' : to.account, amount };
  const receivers = toAll ? banks : [to.bank];
  const taken = amount * receivers.length;
  // What cannot be: the money is to leave a frozen account.
  const account = mustFail ? 'frozen' : from.account;
  const order = {
    gid,
    backCheck: `${from.bank.url}/message/back-check`,
    account,
    taken,
    receiver: toAll ? `topic://${topicOfAllBanks}` : `${to.bank.url}/message/receive`,
    given,
  };
  return {
    gid,
    effects: [
      { bank: from.bank.name, account, change: -taken },
      ...receivers.map(({ name }) => ({ bank: name, account: given.account, change: amount })),
    ],
    mustFail,
    sender: from.bank.name,
    attempt: ({ waitResult }) => askBank(from.bank.url, errand, { ...order, waitResult }),
  };
}

export const message: TransactionKind = {
  name: 'message',
  weight: 3,
  routes: messageRoutes,
  draw: (city, random) => drawMessage(city, random, false),
};

export const topicMessage: TransactionKind = {
  name: 'topic message',
  weight: 1,
  routes: (bank) => messageRoutes(bank),
  draw: (city, random) => drawMessage(city, random, true),
};
