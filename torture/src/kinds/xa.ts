/**
 * XA: each participant registers itself and prepares its branch in its own database; the coordinator commits or rolls back, by
 * POST and with nothing in the body. The caller is a bank's process, and may die in between.
 */
import { BranchFailure, branchHandler, newGid, type RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';
import { Complaint } from '../bank/complaint.js';
import type { Change } from '../bank/ledger.js';
import { branchUrl, drawBranchWire, type BankAddress } from '../wires/branch-url.js';
import type { WireName } from '../wires/coordinator-wire.js';
import { askBank, errandRoute } from './ask-bank.js';
import { Caller, drawCaller } from './caller.js';
import { drawTransfer } from './draw-transfer.js';
import { drawTwoPhase } from './draw-two-phase.js';
import type { TransactionKind } from './transaction-kind.js';
import { runTwoPhase, type TwoPhaseOrder } from './two-phase-caller.js';
import { withReceipt } from './with-receipt.js';

export const xaPath = '/xa/branch';
const errand = 'xa';

interface XaBranch extends Change {
  readonly branchId: string;
  readonly workUrl: string;
  readonly register: Registration;
}

interface Registration {
  readonly protocol: WireName;
  /** For both verbs of the second phase. */
  readonly url: string;
}

/** The body of the call that has the work done; the second phase has none. */
interface WorkPayload extends Change {
  /** Undefined where the caller keeps its own records: a workflow. */
  readonly register?: Registration;
}

async function registerSelf(bank: Bank, { protocol, url }: Registration, gid: string, branchId: string): Promise<void> {
  const caller = new Caller(bank.wires[protocol], { protocol, repeats: false });
  const members = { gid, trans_type: 'xa', branch_id: branchId, url };
  const { kind, why } = await caller.send('registerBranch', members);
  if (kind === 'refused') throw new BranchFailure(why);
  if (kind !== 'done') throw new Error(`it is not clear whether the branch is registered: ${why}`);
}

function serveBranch(bank: Bank): RequestHandler {
  const handler = branchHandler<WorkPayload | undefined>(async ({ payload, gid, branchId, op, transType, request }) => {
    const cause = { gid, branchId, op };
    const { resourceManager } = bank;
    if (op === 'commit' || op === 'rollback') {
      const isByCoordinator = transType === 'xa';
      if (isByCoordinator && (payload !== undefined || request.method !== 'POST')) {
        throw new Complaint(`${op} of ${gid} is ${request.method} with ${JSON.stringify(payload)}`);
      }
      bank.transaction(() => resourceManager[op](cause));
      return;
    }
    if (payload === undefined || (op !== 'action' && op !== 'business')) {
      throw new Complaint(`an XA branch is called for ${op}`);
    }
    if (payload.register !== undefined) await registerSelf(bank, payload.register, gid, branchId);
    bank.transaction(() => resourceManager.prepare(payload, cause));
  });
  return withReceipt(bank, handler);
}

export const xa: TransactionKind = {
  name: 'xa',
  weight: 3,
  routes: (bank) => ({
    [xaPath]: serveBranch(bank),
    ...errandRoute(errand, (order) =>
      runTwoPhase(bank, 'xa', order as TwoPhaseOrder<XaBranch>, (caller, { gid }, { branchId, workUrl, ...payload }) =>
        caller.call(workUrl, { gid, type: 'xa', branchId, op: 'action' }, payload),
      ),
    ),
  }),
  draw: ({ banks }, random) => {
    const gid = newGid();
    const transfer = drawTransfer(banks, random);
    const { from, to, amount } = transfer;
    const behaviour = drawCaller(random);
    const { protocol } = behaviour;
    const branch = (branchId: string, bank: BankAddress, change: Change): XaBranch => ({
      branchId,
      workUrl: bank.url + xaPath,
      register: { protocol, url: branchUrl(bank, xaPath, drawBranchWire(protocol, random)) },
      ...change,
    });
    const branches = [
      branch('01', from.bank, { account: from.account, change: -amount }),
      branch('02', to.bank, { account: to.account, change: amount }),
    ];
    return drawTwoPhase({ gid, transfer, behaviour, branches }, random, (order) =>
      askBank(random.pick(banks).url, errand, order),
    );
  },
};
