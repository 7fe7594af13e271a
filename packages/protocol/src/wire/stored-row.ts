import { branchOps, type BranchRow, type BranchStatus, type Registered } from '../transaction/transaction.js';
import {
  parseStoredList,
  storedEntries,
  storedList,
  storedNumber,
  storedText,
  storedWord,
  unknownFormat,
} from './stored-json.js';
import { decodePayload, encodePayload } from './stored-payload.js';
import { decodeRequest, encodeRequest } from './stored-request.js';

const format = 1;
/** With what was registered, as one list more. */
const formatRegistered = 2;
const what = 'branch row';
const statuses: readonly BranchStatus[] = ['prepared', 'succeed', 'failed'];

/** A row's value as stored text: a JSON list, the format number first. Branch and operation are its key. */
export function encodeRow(row: BranchRow): string {
  const reason = row.reason === '' ? '""' : JSON.stringify(row.reason);
  const numbers = `${String(row.attempts)},${String(row.nextAttemptAt)},${String(row.createdAt)},${String(row.updatedAt)}`;
  if (row.registered === undefined) return `[${String(format)},"${row.status}",${numbers},${reason}]`;
  const registered = JSON.stringify(encodeRegistered(row.registered));
  return `[${String(formatRegistered)},"${row.status}",${numbers},${reason},${registered}]`;
}

function encodeRegistered({ urls, payload, ordinal, request }: Registered): unknown[] {
  return [urls, encodePayload(payload), ordinal, encodeRequest(request)];
}

function decodeRegistered(value: unknown): Registered {
  const list = storedList(value, 4, what);
  const urls = Object.fromEntries(storedEntries(list[0], what).map(([op, url]) => [op, storedText(url, what)]));
  const request = decodeRequest(list[3], what);
  return {
    urls,
    payload: decodePayload(list[1], what),
    ordinal: storedNumber(list[2], what),
    ...(request === undefined ? undefined : { request }),
  };
}

/** The row of a stored key and value. Throws INTERNAL for what `encodeRow` of this version did not write. */
export function decodeRow(branchId: string, op: string, value: string): BranchRow {
  const list = parseStoredList(value, undefined, what);
  const isRegistered = list[0] === formatRegistered;
  if (list[0] !== format && !isRegistered) throw unknownFormat(list[0], what);
  storedList(list, isRegistered ? 8 : 7, what);
  return {
    branchId,
    op: storedWord(op, branchOps, what),
    status: storedWord(list[1], statuses, what),
    attempts: storedNumber(list[2], what),
    nextAttemptAt: storedNumber(list[3], what),
    createdAt: storedNumber(list[4], what),
    updatedAt: storedNumber(list[5], what),
    reason: storedText(list[6], what),
    ...(isRegistered ? { registered: decodeRegistered(list[7]) } : undefined),
  };
}
