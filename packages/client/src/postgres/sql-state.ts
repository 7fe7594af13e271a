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

/** Prisma has codes of its own, which look the same (P1001 to P6999), and keeps the engine's as `originalCode`. */
const pattern = /^(?!P[1-9])[0-9A-Z]{5}$/;

export function sqlStateOf(error: unknown): string | undefined {
  for (const cause of causesOf(error)) {
    const { code, originalCode } = cause as { readonly code?: unknown; readonly originalCode?: unknown };
    for (const state of [code, originalCode]) if (typeof state === 'string' && pattern.test(state)) return state;
  }
  return undefined;
}
