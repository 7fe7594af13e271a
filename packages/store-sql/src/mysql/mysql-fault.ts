import { StoreError } from '@tandem/store';
import type { FaultEffect, FaultReader } from '../server-sql/fault-reader.js';
import { RefusedError } from './refused-error.js';

const messageCharsMax = 300;

/** An error of the server or the driver, without the statement: it holds what callers sent. */
export class MysqlError extends Error {
  /** The name of the error, such as ER_LOCK_DEADLOCK or ECONNREFUSED. */
  readonly code: string;
  /** The server's number; 0: it is the driver's or the network's. */
  readonly errno: number;
  /** The connection is of no use any more. */
  readonly isFatal: boolean;

  constructor(code: string, errno: number, message: string, isFatal: boolean) {
    super(message.length > messageCharsMax ? `${message.slice(0, messageCharsMax)}...` : message);
    this.name = 'MysqlError';
    this.code = code;
    this.errno = errno;
    this.isFatal = isFatal;
  }
}

/** Reads what the driver gives. */
export function mysqlErrorOf(error: unknown): MysqlError {
  if (error instanceof MysqlError) return error;
  const { code, errno, fatal, message } = error as {
    readonly code?: unknown;
    readonly errno?: unknown;
    readonly fatal?: unknown;
    readonly message?: unknown;
  };
  // Numbers of the system are negative. Without an answer of the server, whether it got the statement is not known.
  const number = typeof errno === 'number' && errno > 0 ? errno : 0;
  const isFatal = fatal === true || number === 0 || isIn(ranges.connectionEnds, number);
  const name = textOf(code) ?? 'UNKNOWN';
  // Where a name has several addresses, none of which answers, the error has no message of its own.
  return new MysqlError(name, number, textOf(message) ?? name, isFatal);
}

/**
 * Numbers of the servers' errors, by what they mean here. Those above 4000 differ between MySQL and MariaDB; they are
 * taken where one of the two meanings is impossible.
 */
const ranges = {
  /** Deadlock, wait for a lock, row changed since; certification (Galera: 1213; group replication: 3101); conflict (TiDB). */
  contention: [1205, 1213, 1020, 1180, 1317, 3101, 3572, 8002, 8022, 8028, 9007],
  /** This server takes no writes now: read-only, a standby, not ready (Galera), not primary. */
  elsewhere: [1047, 1290, 1792, 1836, 3100],
  connectionEnds: [
    1040, 1053, 1077, 1078, 1079, 1152, 1154, 1155, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 1927, 4031,
  ],
  /** Too long, out of range, not a text, NULL, rejected by a check, larger than a packet. */
  refusal: [1048, 1118, 1153, 1264, 1265, 1292, 1300, 1301, 1366, 1367, 1406, 3819, 4025, 8025],
  /** Of connections: of all, and of a user (two ways to say so). */
  serversLimit: [1040, 1203, 1226],
  full: [1021, 1041, 1114],
  /** Damaged, or not the tables that were made here. */
  corrupt: [1034, 1035, 1054, 1127, 1146, 1194, 1195, 1712, 1877, 1932],
} as const;

/** A disk without room shows in the text of errors that have other causes too. */
const diskFull = /\b(?:errno|errcode|error): ?28\b|error 28 from|no space left/i;

/** The only place that knows the servers' error numbers. */
export const mysqlFaults: FaultReader = {
  storeError(error): StoreError {
    if (error instanceof StoreError) return error;
    const read = mysqlErrorOf(error);
    return new StoreError(kindOf(read), `MySQL: ${read.message}`, { cause: read });
  },

  effectOf(error): FaultEffect {
    if (error instanceof StoreError || error instanceof RefusedError) return 'lasting';
    const read = mysqlErrorOf(error);
    if (isIn(ranges.contention, read.errno) || isIn(ranges.elsewhere, read.errno)) return 'rolled back';
    return read.isFatal ? 'unknown' : 'lasting';
  },

  isRefusal(error): boolean {
    if (error instanceof RefusedError) return true;
    return error instanceof MysqlError && isIn(ranges.refusal, error.errno) && !diskFull.test(error.message);
  },
};

/** This host takes no writes now, whichever connection is used: another may. */
export function isElsewhere(error: MysqlError): boolean {
  return isIn(ranges.elsewhere, error.errno);
}

/** The server takes no more connections. */
export function isServersLimit(error: unknown): boolean {
  return error instanceof MysqlError && isIn(ranges.serversLimit, error.errno);
}

function kindOf(error: MysqlError): StoreError['kind'] {
  if (isIn(ranges.full, error.errno) || diskFull.test(error.message)) return 'full';
  return isIn(ranges.corrupt, error.errno) ? 'corrupt' : 'unavailable';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isIn(numbers: readonly number[], number: number): boolean {
  return numbers.includes(number);
}
