/**
 * The order of a two-phase message: prepare, local transaction, submit or abort.
 *
 * D1. Nothing local runs before the prepared message is durable.
 * D2. Submit only after the local transaction is known to have committed; abort only after it is known not to.
 * D3. What the local transaction threw is never lost: it is thrown again, or is the `cause`.
 */
import { BranchFailure } from '../branch/branch-outcome.js';
import { CoordinatorUnreachable, LocalTransactionUnclear, TransactionOngoing } from '../errors.js';
import type { Submitted } from './submission.js';

export interface MessagePhases {
  readonly gid: string;
  prepare(): Promise<void>;
  submit(): Promise<Submitted>;
  abort(): Promise<void>;
  /** Answers the HTTP status of the back-check. */
  check(): Promise<number>;
}

/** The message was submitted; `value` is what the local transaction returned. */
export interface Done<T> extends Submitted {
  /** What the local transaction returned. */
  readonly value: T;
}

export async function doAndSubmit<T>(phases: MessagePhases, local: () => Promise<T> | T): Promise<Done<T>> {
  await phases.prepare();
  let value: T;
  try {
    value = await local();
  } catch (error) {
    throw await settleAfterError(phases, error);
  }
  try {
    return { ...(await phases.submit()), value };
  } catch (error) {
    if (!(error instanceof CoordinatorUnreachable)) throw error;
    const told =
      'the local transaction committed; the coordinator cannot be reached and will find out by the back-check';
    throw new TransactionOngoing(phases.gid, told, error);
  }
}

/** Ends or leaves open the message whose local transaction threw; answers what to throw. */
async function settleAfterError(phases: MessagePhases, error: unknown): Promise<unknown> {
  const committed = error instanceof BranchFailure ? 'no' : await hasCommitted(phases);
  switch (committed) {
    case 'no':
      // An abort that does not arrive changes nothing: the back-check finds no commit, and the coordinator gives up too.
      await phases.abort().catch(() => undefined);
      return error;
    case 'yes':
      return new LocalTransactionUnclear(phases.gid, await phases.submit().then(submitted, undecided), error);
    case 'unknown':
      return new LocalTransactionUnclear(phases.gid, 'undecided', error);
  }
}

async function hasCommitted(phases: MessagePhases): Promise<'yes' | 'no' | 'unknown'> {
  try {
    const status = await phases.check();
    if (status === 409) return 'no';
    return status >= 200 && status < 300 && status !== 202 ? 'yes' : 'unknown';
  } catch {
    return 'unknown';
  }
}

const submitted = () => 'submitted' as const;
const undecided = () => 'undecided' as const;
