/** The SQLSTATEs that mean something here. */
export const sqlState = {
  undefinedTable: '42P01',
  invalidSchemaName: '3F000',
  lockNotAvailable: '55P03',
  noActiveTransaction: '25P01',
  undefinedObject: '42704',
  notInPrerequisiteState: '55000',
} as const;

export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
