import type { RequestHandler } from '@tandem/client';
import type { Bank } from '../bank/bank.js';

/** What has its effect where it is answered with success. */
const forwardOps = ['action', 'try', 'business'];
export const nothingDone = 'nothing';

/** A branch that answers with its row in the ledger; what came after its own undoing did nothing, and is refused. */
export function withReceipt(bank: Bank, branch: RequestHandler): RequestHandler {
  return async (request) => {
    const { searchParams } = new URL(request.url);
    const response = await branch(request);
    if (!response.ok) return response;
    const [gid = '', branchId = '', op = ''] = ['gid', 'branch_id', 'op'].map((name) => searchParams.get(name) ?? '');
    const receipt = bank.receiptOf({ gid, branchId, op });
    if (receipt === undefined && forwardOps.includes(op)) {
      return Response.json({ message: 'it was undone before' }, { status: 409 });
    }
    return Response.json({ receipt: receipt ?? nothingDone });
  };
}
