/**
 * The order of a two-phase message: prepare, local transaction, submit or abort.
 *
 * D1. Nothing local runs before the prepared message is durable.
 * D2. Submit only after the local transaction is known to have committed; abort only after it is known not to.
 * D3. Work that never reached its barrier is submitted only where the back-check finds it: after a crash it is too late to mend the program.
 *     A barrier whose work is not awaited, or whose error is swallowed, counts as used.
 * D4. What the local transaction threw is never lost: it is thrown again, or is the `cause`.
 */
import type { BranchResult } from '@tandem/protocol';
import { BranchFailure } from '../branch/branch-outcome.js';
import { CoordinatorUnreachable, InvalidUse, LocalTransactionUnclear, TransactionOngoing } from '../errors.js';
import type { Submitted } from './submission.js';

export interface MessagePhases {
  readonly gid: string;
  prepare(): Promise<void>;
  submit(): Promise<Submitted>;
  abort(): Promise<void>;
  /** Whether the local transaction used its barrier. */
  isGuarded(): boolean;
  /** What the back-check answers: `success` where the local transaction committed, `failure` where it never will. */
  check(): Promise<BranchResult['kind']>;
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
  if (!phases.isGuarded()) await requireFound(phases);
  try {
    return { ...(await phases.submit()), value };
  } catch (error) {
    if (!(error instanceof CoordinatorUnreachable)) throw error;
    const told =
      'the local transaction committed; the coordinator cannot be reached and will find out by the back-check';
    throw new TransactionOngoing(phases.gid, told, error);
  }
}

/** Work that the back-check does not find is told now: when this process dies after it, its message would never be sent. */
async function requireFound(phases: MessagePhases): Promise<void> {
  let cause: unknown;
  const found = await phases.check().catch((error: unknown) => {
    cause = error;
    return 'unknown' as const;
  });
  if (found === 'success') return;
  const past = 'its local work went past its barrier';
  if (found !== 'failure') {
    throw new TransactionOngoing(phases.gid, `${past}, and the back-check cannot tell yet whether it committed`, cause);
  }
  await abortIfPossible(phases);
  const told = `message ${phases.gid} was not submitted: ${past}, and the back-check does not find it`;
  throw new InvalidUse('BARRIER_NOT_USED', `${told}; work in barrier.transaction(db, ...)`);
}

/** Ends or leaves open the message whose local transaction threw; answers what to throw. */
async function settleAfterError(phases: MessagePhases, error: unknown): Promise<unknown> {
  switch (error instanceof BranchFailure ? 'failure' : await foundBy(phases)) {
    case 'failure':
      await abortIfPossible(phases);
      return error;
    case 'success':
      return new LocalTransactionUnclear(phases.gid, await phases.submit().then(submitted, undecided), error);
    case 'ongoing':
    case 'unknown':
      return new LocalTransactionUnclear(phases.gid, 'undecided', error);
  }
}

function foundBy(phases: MessagePhases): Promise<BranchResult['kind']> {
  return phases.check().catch(() => 'unknown' as const);
}

/** An abort that does not arrive changes nothing: the back-check finds no commit, and the coordinator gives up too. */
function abortIfPossible(phases: MessagePhases): Promise<void> {
  return phases.abort().catch(() => undefined);
}

const submitted = () => 'submitted' as const;
const undecided = () => 'undecided' as const;
