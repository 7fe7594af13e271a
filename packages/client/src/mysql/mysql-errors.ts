import { causesOf } from '../sql/error-causes.js';

/** The error numbers of MySQL and MariaDB that mean something here. */
export const mysqlError = {
  duplicateEntry: 1062,
  noSuchTable: 1146,
  unknownDatabase: 1049,
  lockWaitTimeout: 1205,
  deadlock: 1213,
  xaUnknown: 1397,
  xaOutside: 1400,
  xaDuplicate: 1440,
} as const;

const missing: readonly (number | undefined)[] = [mysqlError.noSuchTable, mysqlError.unknownDatabase];

export function isMysqlTableMissing(error: unknown): boolean {
  return missing.includes(mysqlErrorOf(error));
}

export function mysqlErrorOf(error: unknown): number | undefined {
  for (const cause of causesOf(error)) {
    if ('errno' in cause && typeof cause.errno === 'number') return cause.errno;
    // Prisma's: digits, where the engine gave a number.
    const original = 'originalCode' in cause ? Number(cause.originalCode) : 0;
    if (Number.isInteger(original) && original > 0) return original;
  }
  return undefined;
}

const locked: readonly (number | undefined)[] = [mysqlError.lockWaitTimeout, mysqlError.deadlock];

/** Somebody else holds a lock that was waited for. */
export function isLocked(error: unknown): boolean {
  return locked.includes(mysqlErrorOf(error));
}
