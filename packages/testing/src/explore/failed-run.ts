/** One run that failed. */
export interface FailedRun {
  /** For the option `only`. */
  readonly name: string;
  /** What `invariant` threw, or why the run did not come to its end. */
  readonly error: unknown;
  /** What happened, line by line, with virtual times. */
  readonly story: readonly string[];
}

/** Runs failed: which, why, and the story of the first. */
export class ExplorationFailed extends Error {
  /** What logs show. */
  override readonly name = 'ExplorationFailed';
  /** Each run that failed, as far as they were counted. */
  readonly failures: readonly FailedRun[];

  constructor(failures: readonly FailedRun[], runs: number) {
    const [first] = failures;
    super(messageOf(failures, runs), { cause: first?.error });
    this.failures = failures;
  }
}

function messageOf(failures: readonly FailedRun[], runs: number): string {
  const [first] = failures;
  const named = failures.map(({ name, error }) => `  ${name}\n    ${firstLine(error)}`);
  return [
    `${failures.length} of ${runs} runs failed:`,
    ...named,
    '',
    `what happened in "${first?.name ?? ''}" (alone again: { only: '${first?.name ?? ''}' }):`,
    ...(first?.story ?? []),
    '',
    String(first?.error instanceof Error ? first.error.message : first?.error),
  ].join('\n');
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').find((line) => line.trim() !== '') ?? '';
}
