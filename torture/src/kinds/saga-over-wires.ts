import { newGid } from '@tandem/client';
import { branchUrl, drawBranchWire, type BankAddress } from '../wires/branch-url.js';
import { toldByReply } from './caller.js';
import { drawTransfer, effectsOf } from './draw-transfer.js';
import { sagaRoutes } from './saga-steps.js';
import type { TransactionKind } from './transaction-kind.js';

/** A saga that comes over any wire, and whose calls go over gRPC and JSON-RPC beside HTTP, an action and its undoing over different ones. */
export const sagaOverWires: TransactionKind = {
  name: 'saga over wires',
  weight: 3,
  routes: sagaRoutes,
  draw: ({ wires, banks }, random) => {
    const gid = newGid();
    const transfer = drawTransfer(banks, random);
    const { from, to, amount } = transfer;
    const protocol = random.pick(['http', 'grpc', 'json-rpc'] as const);
    const urlOf = (bank: BankAddress, path: string): string => branchUrl(bank, path, drawBranchWire(protocol, random));
    const step = (kind: 'debit' | 'credit', bank: BankAddress) => ({
      action: urlOf(bank, `/saga/${kind}`),
      compensate: urlOf(bank, `/saga/undo-${kind}`),
    });
    const members = {
      gid,
      trans_type: 'saga',
      steps: [step('debit', from.bank), step('credit', to.bank)],
      payloads: [from, to].map(({ account }) => JSON.stringify({ account, amount })),
    };
    return {
      gid,
      effects: effectsOf(transfer),
      mustFail: transfer.mustFail,
      attempt: async ({ waitResult }) =>
        toldByReply(await wires[protocol].send('submit', { ...members, wait_result: waitResult }), waitResult),
    };
  },
};
