/** The document of a message's local work, in the URL of its back-check. */
import type { BarrierRow } from '@tandem/protocol';
import type { Barrier } from '../barrier/barrier.js';
import { messageOp } from '@tandem/protocol';
import { InvalidUse } from '../errors.js';
import { checkedKey, checkUrlOf as urlWithKey, keyOfCheck } from '../redis/check-url.js';
import { nameOf, parseId, requireId } from './document-id.js';

export function checkUrlOf(url: string, id: unknown): string {
  requireId(id);
  return urlWithKey(url, nameOf(id));
}

/** The document that a back-check asks for. Throws `NOT_A_BRANCH_CALL` where it names none. */
export function idOfCheck(url: string): unknown {
  const text = keyOfCheck(url);
  try {
    return parseId(text);
  } catch (error) {
    throw new InvalidUse('NOT_A_BRANCH_CALL', `this back-check names no document, but ${text}`, error);
  }
}

/** Of a message's local work, all must be in one document, and that the one in which the back-check looks. */
export function refuseUnanswerable({ checkUrl }: Barrier, { op, barrierId }: BarrierRow, id: unknown): void {
  if (op !== messageOp) return;
  if (barrierId !== '01') {
    const hint = 'the back-check answers for the first change alone; use a transaction for more';
    throw new InvalidUse('INVALID_OPTION', `the local work of a message can use its barrier once: ${hint}`);
  }
  if (checkUrl === undefined || !checkUrl.startsWith('http') || checkedKey(checkUrl) === nameOf(id)) return;
  const hint = `give doAndSubmit checkUrl(url, ${nameOf(id)})`;
  throw new InvalidUse('INVALID_OPTION', `the back-check would not look into document ${nameOf(id)}: ${hint}`);
}
