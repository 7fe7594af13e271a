import { utf8Length } from '../wire/utf8.js';
import type { Payload } from './definition.js';
import { limits } from './limits.js';
import type { Reaction, Registration } from './machine.js';
import type { BranchRow, Registered, Transaction } from './transaction.js';

interface Sum {
  /** How many rows there were when it was counted: with others it is counted again. */
  readonly rows: number;
  readonly bytes: number;
}

// By the rows themselves, which are only added to while they are the same map: the next registration need not count them all.
const sums = new WeakMap<Transaction['rows'], Sum>();

/**
 * Refuses what would make all registrations of a transaction together larger than their limit: it is read as a whole, and a
 * workflow answered as a whole. Undefined where it fits; `rowsAdded` is how many rows it brings then.
 */
export function tooLarge({ rows }: Transaction, registration: Registration, rowsAdded: number): Reaction | undefined {
  const known = sums.get(rows);
  const before = known?.rows === rows.size ? known.bytes : bytesOfRows(rows);
  const bytes = before + bytesOf(registration);
  if (bytes > limits.registeredBytesMax) {
    const message = `what is registered with a transaction is at most ${String(limits.registeredBytesMax)} bytes together`;
    return { kind: 'refused', code: 'LIMIT_EXCEEDED', message };
  }
  sums.set(rows, { rows: rows.size + rowsAdded, bytes });
  return undefined;
}

function bytesOfRows(rows: ReadonlyMap<string, BranchRow>): number {
  let bytes = 0;
  for (const { registered } of rows.values()) if (registered !== undefined) bytes += bytesOf(registered);
  return bytes;
}

function bytesOf({ urls, payload, request }: Pick<Registered, 'urls' | 'payload' | 'request'>): number {
  let bytes = lengthOf(payload);
  for (const url of Object.values(urls)) bytes += url.length;
  for (const [name, value] of Object.entries(request?.headers ?? {})) bytes += name.length + value.length;
  return bytes;
}

function lengthOf(payload: Payload): number {
  return typeof payload === 'string' ? utf8Length(payload) : payload.length;
}
