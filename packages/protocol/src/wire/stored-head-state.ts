import type { HeadState } from '../transaction/transaction.js';
import { parseStoredList, storedFlag, storedNumber, storedText, unknownFormat } from './stored-json.js';

const format = 1;
const what = 'head state';

/** The machines' part of a head as stored text: a JSON list, the format number first. */
export function encodeHeadState(state: HeadState): string {
  const { submittedAt, delayMs, isForced, reason, pauseReason } = state;
  const start = `[${String(format)},${String(submittedAt)},${String(delayMs)},${isForced ? '1' : '0'},`;
  // Most transactions never have a reason, and this is written with each of their commits.
  if (reason === '' && pauseReason === '') return `${start}"",""]`;
  return `${start}${JSON.stringify(reason)},${JSON.stringify(pauseReason)}]`;
}

/** The head state of a stored text. Throws INTERNAL for what `encodeHeadState` of this version did not write. */
export function decodeHeadState(text: string): HeadState {
  const list = parseStoredList(text, 6, what);
  if (list[0] !== format) throw unknownFormat(list[0], what);
  return {
    submittedAt: storedNumber(list[1], what),
    delayMs: storedNumber(list[2], what),
    isForced: storedFlag(list[3], what),
    reason: storedText(list[4], what),
    pauseReason: storedText(list[5], what),
  };
}
