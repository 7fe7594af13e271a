import type { Duration } from '../duration.js';
import type { OptionNames } from '../option-names.js';
import type { StandardSchemaV1 } from '../schema/standard-schema.js';
import type { SubmitOptions } from '../transaction/submission.js';
import type { TransactionOptions } from '../transaction/transaction-options.js';

/** What a TCC and an XA are started with. */
export interface TwoPhaseOptions extends Omit<TransactionOptions, 'concurrent'>, SubmitOptions {
  /** Rolled back when it is not decided by then, should this process die. Default: the coordinator's (35 s). */
  readonly timeoutToFail?: Duration;
}

/** How the first phase of a branch is called. */
export interface FirstPhase<T> {
  /** The JSON body of every call of the branch. */
  readonly payload?: unknown;
  /** Checks what the participant answered, and types it. */
  readonly result?: StandardSchemaV1<unknown, T>;
  /** Headers of this call alone, beside the transaction's. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const firstPhaseNames: OptionNames<FirstPhase<unknown>> = { payload: true, result: true, headers: true };
