import type { BranchOp, BranchRow, BranchStatus } from '../transaction/transaction.js';
import { parseStoredList, storedNumber, storedText, storedWord, unreadable } from './stored-json.js';

const format = 1;
const what = 'branch row';
const statuses: readonly BranchStatus[] = ['prepared', 'succeed', 'failed'];
const ops: readonly BranchOp[] = ['action', 'compensate', 'msg'];

/** A row's value as stored text: a JSON list, the format number first. Branch and operation are its key. */
export function encodeRow(row: BranchRow): string {
  const reason = row.reason === '' ? '""' : JSON.stringify(row.reason);
  const numbers = `${String(row.attempts)},${String(row.nextAttemptAt)},${String(row.createdAt)},${String(row.updatedAt)}`;
  return `[${String(format)},"${row.status}",${numbers},${reason}]`;
}

/** The row of a stored key and value. Throws INTERNAL for what `encodeRow` of this version did not write. */
export function decodeRow(branchId: string, op: string, value: string): BranchRow {
  const list = parseStoredList(value, 7, what);
  if (list[0] !== format) throw unreadable(`${what}: unknown format ${String(list[0])}`);
  return {
    branchId,
    op: storedWord(op, ops, what),
    status: storedWord(list[1], statuses, what),
    attempts: storedNumber(list[2], what),
    nextAttemptAt: storedNumber(list[3], what),
    createdAt: storedNumber(list[4], what),
    updatedAt: storedNumber(list[5], what),
    reason: storedText(list[6], what),
  };
}
