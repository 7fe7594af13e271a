import { MongoError } from 'mongodb';

const duplicateKey = 11000;

/** What a server answers that did not get a lock, or not the whole of it, in the time that it had. */
const locked: readonly unknown[] = [
  24, // LockTimeout
  50, // MaxTimeMSExpired
  112, // WriteConflict
];

export function isDuplicateKey(error: unknown): error is MongoError {
  return error instanceof MongoError && error.code === duplicateKey;
}

/** Somebody else's transaction has what was waited for. */
export function isLocked(error: unknown): boolean {
  return error instanceof MongoError && locked.includes(error.code);
}
