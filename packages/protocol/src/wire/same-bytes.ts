import type { Payload } from '../transaction/definition.js';
import { encodeUtf8 } from './utf8.js';

/** Whether two payloads reach a participant as the same bytes. */
export function sameBytes(one: Payload, other: Payload): boolean {
  if (typeof one === 'string' && typeof other === 'string') return one === other;
  const [left, right] = [bytesOf(one), bytesOf(other)];
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** A payload as it goes over the wire. */
export function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === 'string' ? encodeUtf8(payload) : payload;
}
