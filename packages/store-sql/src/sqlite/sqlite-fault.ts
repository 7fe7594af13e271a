import { StoreError } from '@tandem/store';

/** Primary result codes of SQLite (the low byte of the extended ones). */
const primary = {
  corrupt: 11,
  full: 13,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
} as const;

/** Reads an error of the binding as a fault of the store. */
export function sqliteFault(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError(kindOf(primaryCode(error)), `SQLite: ${message}`, { cause: error });
}

/** The engine will never take what it was given, whoever asks and however often. */
export function isRefusal(error: unknown): boolean {
  const code = primaryCode(error);
  return code === primary.tooBig || code === primary.constraint || code === primary.mismatch;
}

function kindOf(code: number | undefined): StoreError['kind'] {
  switch (code) {
    case primary.full:
      return 'full';
    case primary.corrupt:
    case primary.notADatabase:
      return 'corrupt';
    default:
      return 'unavailable';
  }
}

function primaryCode(error: unknown): number | undefined {
  const code = (error as { readonly errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}
