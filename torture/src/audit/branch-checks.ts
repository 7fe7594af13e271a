/** What must be true of branches that are decided in a second phase. */
import type { Check } from './books.js';

const decidingOps = ['confirm', 'commit'];
/** What undoes. */
export const undoingOps = ['cancel', 'rollback', 'compensate'];

export const oneDecision: Check = {
  name: 'no branch was confirmed or committed unless all succeeded, and none was undone unless all failed',
  broken: ({ ledger, statuses }) =>
    ledger.flatMap(({ bank, gid, branchId, op }) => {
      const status = statuses.get(gid);
      const isWrong = status === 'succeed' ? undoingOps.includes(op) : decidingOps.includes(op);
      return isWrong ? [`${bank}: ${op} of branch ${branchId} of ${gid}, which is ${status ?? 'missing'}`] : [];
    }),
};

export const nothingHeld: Check = {
  name: 'no bank holds anything back',
  broken: ({ held, accounts, statuses }) => [
    ...held.map(({ bank, gid, branchId }) => `${bank}: ${branchId} of ${gid}, ${statuses.get(gid) ?? 'missing'}`),
    ...accounts
      .filter(({ reserved }) => reserved !== 0)
      .map(({ bank, name, reserved }) => `${bank}: ${String(reserved)} of ${name}`),
  ],
};

export const noComplaints: Check = {
  name: 'no bank was called for what no coordinator may ask',
  broken: ({ complaints }) => complaints,
};
