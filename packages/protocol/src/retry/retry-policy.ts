/** How calls are tried again; one policy for every transaction type. Times in milliseconds. */
export interface RetryPolicy {
  /** Wait after the first unclear answer, and after every "ongoing". */
  readonly initialMs: number;
  /** Each further wait is this many times the one before. At least 1. */
  readonly factor: number;
  /** No wait is longer. */
  readonly maxMs: number;
  /** Share of the wait, 0 to 1, that is taken off at random (by gid, branch and attempt, so it is repeatable). */
  readonly jitter: number;
  /** Unclear answers after the first call that are borne; undefined: without end. N means N + 1 calls, as in DTM. */
  readonly limit: number | undefined;
  /**
   * What happens when the limit is used up. After a decision (compensate, or a message's submit) nothing but a pause is
   * possible; and a limit that says `rollback` has done its work then: compensations go on without end, as in DTM.
   */
  readonly then: 'rollback' | 'pause' | 'fail';
}

/** A complete policy. */
export type RetryDefaults = RetryPolicy;
