/** The document of a message's local work, in the URL of its back-check. */
import type { BarrierRow } from '@tandem/protocol';
import type { Barrier } from '../barrier/barrier.js';
import {
  checkUrlOf as urlWithKey,
  keyOfCheck,
  refuseUnanswerable as refuseUnanswerableKey,
} from '../barrier/check-url.js';
import { InvalidUse } from '../errors.js';
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
export function refuseUnanswerable(barrier: Barrier, current: BarrierRow, id: unknown): void {
  const key = nameOf(id);
  refuseUnanswerableKey(barrier, current, { key, isThere: (asked) => asked === key });
}
