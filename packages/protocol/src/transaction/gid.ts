import { TandemError } from '../errors.js';
import { limits } from './limits.js';

/** The id of a global transaction, compared as bytes: no folding of case, no trimming, no escaping. */
export type Gid = string & { readonly __brand: 'Gid' };

// Control characters and lone surrogates cannot be kept by every engine or sent in every header, so they are refused
// rather than changed: two gids that differ must stay different (DTM drops some characters, and so merges gids).
const unprintable = /[\u0000-\u001f\u007f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Reads a gid at the door. Throws `INVALID_GID` for an empty, over-long or unprintable one. */
export function parseGid(value: unknown): Gid {
  if (typeof value !== 'string' || value === '') throw new TandemError('INVALID_GID', 'gid must be a non-empty string');
  if (value.length > limits.gidCharactersMax) {
    throw new TandemError('INVALID_GID', `gid is longer than ${String(limits.gidCharactersMax)} characters`);
  }
  if (unprintable.test(value)) throw new TandemError('INVALID_GID', 'gid contains control characters or broken UTF-16');
  return value as Gid;
}

/** Checks the name of a topic, or of a key. Throws `INVALID_REQUEST` or `LIMIT_EXCEEDED`; `what` is what the message calls it. */
export function checkName(value: string, what: string): void {
  if (value === '') throw new TandemError('INVALID_REQUEST', `${what} is empty`);
  if (value.length > limits.nameCharactersMax) {
    throw new TandemError('LIMIT_EXCEEDED', `${what} is longer than ${String(limits.nameCharactersMax)} characters`);
  }
  if (unprintable.test(value)) {
    throw new TandemError('INVALID_REQUEST', `${what} contains control characters or broken UTF-16`);
  }
}
