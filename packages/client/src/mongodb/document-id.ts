/** What names one document. It comes out of payloads and URLs, where an operator would name any. */
import { BSON } from 'mongodb';
import { InvalidUse } from '../errors.js';

const bsonTypes: readonly unknown[] = ['ObjectId', 'Binary', 'UUID', 'Long', 'Int32', 'Double', 'Decimal128'];

/** Throws `INVALID_OPTION` for what is no value of an `_id`. */
export function requireId(id: unknown): void {
  if (isId(id)) return;
  throw new InvalidUse('INVALID_OPTION', `_id must be the value that names one document, not ${nameOf(id)}`);
}

function isId(id: unknown): boolean {
  if (typeof id !== 'object' || id === null) return ['string', 'number', 'bigint', 'boolean'].includes(typeof id);
  if ('_bsontype' in id) return bsonTypes.includes(id._bsontype);
  if (id instanceof Date) return true;
  return Object.getPrototypeOf(id) === Object.prototype && !Object.keys(id).some((key) => key.startsWith('$'));
}

/** As text, from which `parseId` makes the same. */
export function nameOf(id: unknown): string {
  // JSON has nothing for it.
  return id === undefined ? 'undefined' : BSON.EJSON.stringify(id);
}

/** Throws `INVALID_OPTION` for what no `nameOf` an `_id` made. */
export function parseId(text: string): unknown {
  let id: unknown;
  try {
    id = BSON.EJSON.parse(text);
  } catch (error) {
    throw new InvalidUse('INVALID_OPTION', `${text} names no document`, error);
  }
  requireId(id);
  return id;
}
