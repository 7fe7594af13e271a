import { TandemError } from '../errors.js';
import { limits } from '../transaction/limits.js';

/** A JSON object from outside; members that nobody reads are ignored. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The object itself; refuses everything else. `name` is what the message calls it. */
export function objectOf(value: unknown, name: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(name, 'a JSON object');
  return value as JsonObject;
}

/** Own members only: a body can name `__proto__` or `constructor`. Null counts as absent, as in DTM. */
export function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** A text; absent is empty. */
export function textMember(object: JsonObject, name: string, path = name): string {
  const value = memberOf(object, name);
  if (value === undefined) return '';
  if (typeof value !== 'string') throw invalid(path, 'a string');
  return value;
}

export function booleanMember(object: JsonObject, name: string, path = name): boolean {
  const value = memberOf(object, name);
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw invalid(path, 'true or false');
  return value;
}

export function listMember(object: JsonObject, name: string, path = name): readonly unknown[] {
  const value = memberOf(object, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid(path, 'a list');
  return value;
}

/** A whole number from 0; absent and null are undefined. */
export function countMember(object: JsonObject, name: string, path = name): number | undefined {
  const value = memberOf(object, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(path, 'a whole number from 0');
  return value;
}

/** A time in units of `unitMs`, as ms; absent, null and 0 are undefined, as in DTM. */
export function durationMember(object: JsonObject, name: string, unitMs: 1 | 1000, path = name): number | undefined {
  const count = countMember(object, name, path);
  if (count === undefined || count === 0) return undefined;
  const ms = count * unitMs;
  if (ms > limits.durationMsMax) throw new TandemError('LIMIT_EXCEEDED', `${path} is longer than a hundred years`);
  return ms;
}

export function invalid(name: string, wanted: string): TandemError {
  return new TandemError('INVALID_REQUEST', `${name} must be ${wanted}`);
}
