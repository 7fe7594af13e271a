/** The code that a driver gave to the error beneath a `StoreError`; undefined: none. */
export function codeOfCause(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
