import type { Payload } from '../transaction/definition.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import { storedList, storedText, unreadable } from './stored-json.js';

/** Text as it is; bytes as base64 inside a list, which no text can be. */
export function encodePayload(payload: Payload): string | [string] {
  return typeof payload === 'string' ? payload : [encodeBase64(payload)];
}

export function decodePayload(value: unknown, what: string): Payload {
  if (typeof value === 'string') return value;
  const bytes = decodeBase64(storedText(storedList(value, 1, what)[0], what));
  if (bytes === undefined) throw unreadable(what);
  return bytes;
}
