import { TandemError } from '../errors.js';

/** Stored text that this version cannot read: damaged, or written by a later version. Nothing is guessed. */
export function unreadable(what: string, cause?: unknown): TandemError {
  return new TandemError('INTERNAL', `cannot read the stored ${what}`, { cause });
}

/** A format that this version does not know. As JSON: a damaged one can be an object that has no text. */
export function unknownFormat(format: unknown, what: string): TandemError {
  return unreadable(`${what}: unknown format ${JSON.stringify(format)}`);
}

/** The list that a stored text is. */
export function parseStoredList(text: string, length: number | undefined, what: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable(what, cause);
  }
  return storedList(value, length, what);
}

export function storedList(value: unknown, length: number | undefined, what: string): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw unreadable(what);
  return value;
}

export function storedText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw unreadable(what);
  return value;
}

export function storedNumber(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unreadable(what);
  return value;
}

/** A number that was left open is stored as null. */
export function storedOptionalNumber(value: unknown, what: string): number | undefined {
  return value === null ? undefined : storedNumber(value, what);
}

export function storedFlag(value: unknown, what: string): boolean {
  if (value !== 0 && value !== 1) throw unreadable(what);
  return value === 1;
}

export function storedEntries(value: unknown, what: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(what);
  return Object.entries(value);
}

/** One of a closed set of texts. */
export function storedWord<Word extends string>(value: unknown, words: readonly Word[], what: string): Word {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw unreadable(what);
  return word;
}
