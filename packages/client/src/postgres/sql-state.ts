import { causesOf } from '../sql/error-causes.js';

/** The SQLSTATEs that mean something here. */
export const sqlState = {
  undefinedTable: '42P01',
  invalidSchemaName: '3F000',
  lockNotAvailable: '55P03',
  noActiveTransaction: '25P01',
  undefinedObject: '42704',
  notInPrerequisiteState: '55000',
} as const;

const missing: readonly (string | undefined)[] = [sqlState.undefinedTable, sqlState.invalidSchemaName];

export function isPostgresTableMissing(error: unknown): boolean {
  return missing.includes(sqlStateOf(error));
}

export function sqlStateOf(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    if ('code' in cause && typeof cause.code === 'string' && /^[0-9A-Z]{5}$/.test(cause.code)) return cause.code;
  }
  return undefined;
}
