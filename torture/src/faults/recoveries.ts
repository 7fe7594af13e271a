/**
 * How long after each kill of the coordinator a transaction that was asked for after it was known to have succeeded. Kills
 * that another fault of the coordinator follows before that are not counted: it is the other one that is waited for.
 */
export class Recoveries {
  readonly #times: number[] = [];
  #openSince: number | undefined;

  /** The coordinator is gone now. Kills that follow before anything succeeded count as one, from the first. */
  killed(): void {
    this.#openSince ??= performance.now();
  }

  /** Another fault of the coordinator begins. */
  disturbed(): void {
    this.#openSince = undefined;
  }

  succeeded(askedAt: number): void {
    if (this.#openSince === undefined || askedAt < this.#openSince) return;
    this.#times.push(performance.now() - this.#openSince);
    this.#openSince = undefined;
  }

  /** In ms, shortest first. */
  get times(): readonly number[] {
    return [...this.#times].sort((a, b) => a - b);
  }
}
