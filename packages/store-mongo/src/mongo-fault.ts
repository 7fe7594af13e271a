/** What the driver throws, read as a fault of the store. */
import { StoreError } from '@tandem/store';
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  type WriteError,
} from 'mongodb';

/** The primary is changing, a node is going or coming, or the majority has not answered: the same may work soon. */
const passing: ReadonlySet<number> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  50, // MaxTimeMSExpired
  63, // StaleShardVersion
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  150, // StaleEpoch
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  251, // NoSuchTransaction, as a retried write meets it after a failover
  262, // ExceededTimeLimit
  384, // ConnectionError
  462, // TemporarilyUnavailable
  9001, // SocketException
  10058, // NotPrimary, as older servers say it
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13388, // StaleConfig
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** The item itself will never be taken. */
const refusing: ReadonlySet<number> = new Set([
  2, // BadValue
  22, // InvalidBSON
  121, // DocumentValidationFailure
  10334, // BSONObjectTooLarge
  17280, // KeyTooLong
  17419, // the document would become too large by this update
  17420, // the same, on insertion
]);

const outOfDiskSpace = 14031;
export const duplicateKey = 11000;
/** What a server answers that does not know an option or a command. */
export const notImplemented = 238;

/** A read was behind what the primary has; trying again helps. */
export class StaleRead extends StoreError {
  constructor() {
    super('unavailable', 'MongoDB: what was read is older than what was written');
  }
}

/** Reads any error; a `StoreError` stays what it is. Messages and causes of the driver hold hosts, never a password. */
export function mongoFault(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const kind = codesOf(error).includes(outOfDiskSpace) ? 'full' : 'unavailable';
  return new StoreError(kind, `MongoDB: ${message}`, { cause: error });
}

/** Trying again may help, and soon: the network, a failover, a lock. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StaleRead) return true;
  // A server that cannot be found was looked for long enough.
  if (error instanceof MongoServerSelectionError) return false;
  // A bulk write hides what cut it off.
  const cut = error instanceof MongoBulkWriteError ? error.errorResponse : error;
  if (cut instanceof MongoNetworkError) return true;
  if (!(error instanceof MongoError)) return false;
  if (error.hasErrorLabel('RetryableWriteError') || error.hasErrorLabel('RetryableError')) return true;
  return codesOf(error).some((code) => passing.has(code));
}

/** Refused for good, whoever asks and however often: by the server, or by the driver that cannot encode it. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof MongoServerError) return codesOf(error).some((code) => refusing.has(code));
  return error instanceof RangeError || (error instanceof MongoError && error.name === 'MongoInvalidArgumentError');
}

export function isRefusalCode(code: unknown): boolean {
  return refusing.has(Number(code));
}

export function codeOf(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** The errors of single operations of a bulk write that did the others; undefined: it failed as a whole. */
export function writeErrorsOf(error: unknown): readonly WriteError[] | undefined {
  if (!(error instanceof MongoBulkWriteError)) return undefined;
  // A write concern that was not met concerns all of them.
  if (error.result.getWriteConcernError() !== undefined) return undefined;
  const errors = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  return errors.length === 0 ? undefined : errors;
}

function codesOf(error: unknown): readonly number[] {
  const code = codeOf(error);
  const concern = error instanceof MongoBulkWriteError ? codeOf(error.result.getWriteConcernError()) : undefined;
  return [code, concern].filter((one) => one !== undefined);
}
