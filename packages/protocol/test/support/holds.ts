/** An assertion for the inside of a search, where `expect` would take most of the time. */
export function holds(isTrue: boolean, what: string, ...evidence: readonly unknown[]): void {
  if (!isTrue)
    throw new Error(
      `${what}: ${JSON.stringify(evidence, (_, value: unknown) => (value instanceof Map ? ([...value.values()] as unknown) : value), 2)}`,
    );
}

export function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
