/**
 * Two-phase messages without the SDK: prepared, submitted, checked back and delivered over any wire. The sender is a bank's
 * process, and may die between its local transaction and the submit.
 */
import { Barrier, BranchFailure, newGid } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import { branchUrl, drawBranchWire, type BankAddress } from '../wires/branch-url.js';
import type { Members } from '../wires/coordinator-wire.js';
import { askBank, errandRoute } from './ask-bank.js';
import { Caller, drawCaller, toldByReply, untilWalkedAway, type CallerOrder } from './caller.js';
import { drawTransfer, effectsOf } from './draw-transfer.js';
import type { Told } from './told.js';
import type { TransactionKind } from './transaction-kind.js';

const errand = 'message-over-wires';

interface SendOrder extends CallerOrder {
  readonly gid: string;
  readonly members: Members;
  readonly account: string;
  readonly taken: number;
  readonly waitResult: boolean;
}

function send(bank: Bank, order: SendOrder): Promise<Told> {
  const { gid, members, account, taken, waitResult } = order;
  const caller = new Caller(bank.wires[order.protocol], order);
  const cause = { gid, branchId: '00', op: 'msg' };
  return untilWalkedAway(async () => {
    const prepared = await caller.send('prepare', members);
    if (prepared.kind === 'unclear') return { kind: 'unknown', why: prepared.why };
    const submit = async (): Promise<Told> =>
      toldByReply(await caller.send('submit', { ...members, wait_result: waitResult }), waitResult);
    // It was decided before: the money may move no more, and the submit tells how it ends.
    if (prepared.kind === 'refused') return submit();
    try {
      await bank.once(new Barrier({ ...cause, transType: 'msg' }), () =>
        bank.change({ account, amount: -taken }, cause, false),
      );
    } catch (error) {
      if (!(error instanceof BranchFailure)) throw error;
      const aborted = await caller.send('abort', { gid, trans_type: 'msg', rollback_reason: error.message });
      // An attempt beside this one found the money, and has committed.
      if (aborted.kind === 'refused') return submit();
      return { kind: aborted.kind === 'unclear' ? 'unknown' : 'failed', why: error.message };
    }
    return submit();
  });
}

export const messageOverWires: TransactionKind = {
  name: 'message over wires',
  weight: 2,
  // The receivers and the back-check are those of `message`.
  routes: (bank) => errandRoute(errand, (order) => send(bank, order as SendOrder)),
  draw: ({ banks }, random) => {
    const gid = newGid();
    const transfer = drawTransfer(banks, random);
    const { from, to, amount, mustFail } = transfer;
    const account = mustFail ? 'frozen' : from.account;
    const given = { account: mustFail ? 'rich-0' : to.account, amount };
    const { callsMax, ...behaviour } = drawCaller(random);
    const urlOf = (bank: BankAddress, path: string): string =>
      branchUrl(bank, path, drawBranchWire(behaviour.protocol, random));
    const members = {
      gid,
      trans_type: 'msg',
      query_prepared: urlOf(from.bank, '/message/back-check'),
      steps: [{ action: urlOf(to.bank, '/message/receive') }],
      payloads: [JSON.stringify(given)],
      timeout_to_fail: 1,
    };
    let dies = callsMax === undefined ? {} : { callsMax };
    return {
      gid,
      effects: effectsOf({ ...transfer, from: { ...from, account }, to: { ...to, account: given.account } }),
      mustFail,
      sender: from.bank.name,
      attempt: ({ waitResult }) => {
        const order: SendOrder = { ...behaviour, ...dies, gid, members, account, taken: amount, waitResult };
        dies = {};
        return askBank(from.bank.url, errand, order);
      },
    };
  },
};
