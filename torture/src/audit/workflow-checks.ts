/** What must be true of what workflows record. */
import { nothingDone } from '../kinds/with-receipt.js';
import type { Check } from './books.js';
import { undoingOps } from './branch-checks.js';
import { perTransaction } from './grouped-books.js';

export const recordsAreTrue: Check = {
  name: 'every step that a workflow recorded is what its bank did, and nothing that counts is left out',
  broken: (books) => {
    const { steps, ledger } = books;
    const done = new Map(ledger.map((row) => [row.receipt, row]));
    const untrue = steps.filter(({ gid, branchId, op, status, data }) => {
      if (status !== 'succeed' || data === nothingDone) return false;
      const row = done.get(data);
      return row?.gid !== gid || row.branchId !== branchId || row.op !== op;
    });
    const recorded = new Set(steps.map(({ data }) => data));
    const leftOut = perTransaction(({ intent }, { status, rows }) => {
      if (intent.recordsSteps !== true) return '';
      // What was done beside an execution that was refused is undone, and the undoing is what counts.
      const counting = status === 'succeed' ? rows : rows.filter(({ op }) => undoingOps.includes(op));
      return counting
        .filter(({ receipt }) => !recorded.has(receipt))
        .map(({ branchId, op }) => `${op} of ${branchId} is not recorded`)
        .join(', ');
    });
    return [
      ...untrue.map(({ gid, branchId, op, data }) => `${op} of ${branchId} of ${gid} is recorded as ${data}`),
      ...leftOut(books),
    ];
  },
};

export const resultsAreKept: Check = {
  name: 'what a workflow ended with is kept, and what clients were told',
  broken: (books) =>
    perTransaction(({ intent, told }, { status }) => {
      if (intent.recordsSteps !== true || status !== 'succeed') return '';
      const kept = books.results.get(intent.gid) ?? '';
      if (kept === '') return 'its result is not kept';
      const other = told.find(({ result }) => result !== undefined && result !== kept);
      return other === undefined ? '' : `a client was told ${other.result ?? ''}, and ${kept} is kept`;
    })(books),
};
