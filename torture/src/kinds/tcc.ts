/**
 * TCC: a caller in a bank's process registers each branch before it has it tried, and submits or aborts; it may die in between.
 * A branch may have another inside, which its participant registers and has tried.
 */
import { BranchFailure, branchHandler, newGid, type RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import { Complaint } from '../bank/complaint.js';
import type { Change } from '../bank/ledger.js';
import { branchUrl, drawBranchWire, type BankAddress } from '../wires/branch-url.js';
import type { WireName } from '../wires/coordinator-wire.js';
import { askBank, errandRoute } from './ask-bank.js';
import { Caller, drawCaller, type Answer } from './caller.js';
import { drawTransfer } from './draw-transfer.js';
import { drawTwoPhase } from './draw-two-phase.js';
import type { TransactionKind } from './transaction-kind.js';
import { runTwoPhase, type TwoPhaseOrder } from './two-phase-caller.js';
import { withReceipt } from './with-receipt.js';

export const tccPath = '/tcc/branch';
const errand = 'tcc';

interface TccBranch extends Change {
  readonly branchId: string;
  readonly tryUrl: string;
  readonly confirm: string;
  readonly cancel: string;
  readonly inner?: TccBranch;
}

/** The body of a try. */
interface TryPayload extends Change {
  readonly inner?: TccBranch;
  readonly protocol: WireName;
}

/** Whatever is refused, by the coordinator or by the participant, has not been tried and will not be. */
async function tryBranch(
  caller: Caller,
  order: { gid: string; protocol: WireName },
  branch: TccBranch,
): Promise<Answer> {
  const { gid, protocol } = order;
  const { branchId, tryUrl, confirm, cancel, account, change, inner } = branch;
  const registered = await caller.send('registerBranch', {
    gid,
    trans_type: 'tcc',
    branch_id: branchId,
    data: JSON.stringify({ account, change }),
    confirm,
    cancel,
  });
  if (registered.kind !== 'done') {
    return { kind: registered.kind === 'refused' ? 'refused' : 'unclear', text: registered.why };
  }
  return caller.call(tryUrl, { gid, type: 'tcc', branchId, op: 'try' }, { account, change, inner, protocol });
}

function serveBranch(bank: Bank): RequestHandler {
  const handler = branchHandler<TryPayload>(async ({ payload, barrier, gid, branchId, op }) => {
    const cause = { gid, branchId, op };
    await bank.once(barrier, () => {
      if (op === 'try') bank.holds.place(payload, cause);
      else if (op === 'confirm') bank.holds.settle(cause);
      else if (op === 'cancel') bank.holds.release(cause);
      else throw new Complaint(`a TCC branch is called for ${op}`);
    });
    const { inner, protocol } = payload;
    if (op !== 'try' || inner === undefined) return;
    const caller = new Caller(bank.wires[protocol], { protocol, repeats: false });
    const { kind, text } = await tryBranch(caller, { gid, protocol }, inner);
    if (kind === 'refused') throw new BranchFailure(text);
    if (kind === 'unclear') throw new Error(`the inner try is unclear: ${text}`);
  });
  return withReceipt(bank, handler);
}

export const tcc: TransactionKind = {
  name: 'tcc',
  weight: 3,
  routes: (bank) => ({
    [tccPath]: serveBranch(bank),
    ...errandRoute(errand, (order) => runTwoPhase(bank, 'tcc', order as TwoPhaseOrder<TccBranch>, tryBranch)),
  }),
  draw: ({ banks }, random) => {
    const gid = newGid();
    const transfer = drawTransfer(banks, random);
    const { from, to, amount } = transfer;
    const behaviour = drawCaller(random);
    const branch = (branchId: string, bank: BankAddress, change: Change): TccBranch => ({
      branchId,
      tryUrl: bank.url + tccPath,
      confirm: branchUrl(bank, tccPath, drawBranchWire(behaviour.protocol, random)),
      cancel: branchUrl(bank, tccPath, drawBranchWire(behaviour.protocol, random)),
      ...change,
    });
    const isNested = random.chance(0.25);
    const debit = branch('01', from.bank, { account: from.account, change: -amount });
    const credit = branch(isNested ? '0101' : '02', to.bank, { account: to.account, change: amount });
    const branches = isNested ? [{ ...debit, inner: credit }] : [debit, credit];
    return drawTwoPhase({ gid, transfer, behaviour, branches }, random, (order) =>
      askBank(random.pick(banks).url, errand, order),
    );
  },
};
