/** The error numbers of MySQL and MariaDB that mean something here. */
export const mysqlError = {
  duplicateEntry: 1062,
  noSuchTable: 1146,
  unknownDatabase: 1049,
  lockWaitTimeout: 1205,
  deadlock: 1213,
  xaUnknown: 1397,
  xaDuplicate: 1440,
} as const;

export function mysqlErrorOf(error: unknown): number | undefined {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
}
