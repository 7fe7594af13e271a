/**
 * The order of a TCC and of an XA: prepare, the caller's own code, submit or abort.
 *
 * T1. No branch is called before it is registered (a TCC), or before the transaction is prepared (an XA, which registers itself).
 * T2. Submit only when the code returned and every branch that it began has succeeded; abort in every other case.
 * T3. An abort that does not arrive changes nothing: undecided, the coordinator rolls back by itself after `timeoutToFail`.
 */
import { BranchFailure } from '../branch/branch-outcome.js';
import type { Connection } from '../coordinator/connection.js';
import { RequestRefused, saidBy, TransactionFailed } from '../errors.js';
import { newGid } from '../gid.js';
import { failedIfDecided, submit, tell } from '../transaction/submission.js';
import { wireDuration, wireOptions } from '../transaction/transaction-options.js';
import { OpenBranches } from './open-branches.js';
import type { TwoPhaseOptions } from './two-phase-options.js';

export interface TwoPhaseRun<Scope> {
  readonly type: 'tcc' | 'xa';
  readonly options: TwoPhaseOptions;
  scope(gid: string, branches: OpenBranches): Scope;
}

export async function twoPhaseTransaction<Scope, T>(
  connection: Connection,
  run: TwoPhaseRun<Scope>,
  body: (scope: Scope) => Promise<T> | T,
): Promise<T> {
  const { options, type } = run;
  const gid = options.gid ?? newGid();
  const request = requestOf(gid, run);
  // Begun once more under a gid that was given up before, it has failed already (O1): that is its outcome, and no wrong request.
  await tell(connection, 'prepare', request).catch(async (error: unknown) => {
    throw await thrown(connection, gid, error);
  });
  const branches = new OpenBranches();
  let value: T;
  try {
    value = await settled(branches, () => body(run.scope(gid, branches)));
  } catch (error) {
    const abort = { gid, trans_type: type, rollback_reason: saidBy(error) };
    await tell(connection, 'abort', abort).catch(() => undefined);
    throw await thrown(connection, gid, error);
  }
  await submit(connection, request, options);
  return value;
}

function requestOf(gid: string, { type, options }: TwoPhaseRun<unknown>): { readonly gid: string } {
  const request = {
    gid,
    trans_type: type,
    protocol: 'http',
    ...wireOptions(options),
    ...wireDuration('timeout_to_fail', 'timeoutToFail', options.timeoutToFail),
  };
  return request;
}

/** What the code threw goes before what a branch threw that it did not wait for. */
async function settled<T>(branches: OpenBranches, body: () => Promise<T> | T): Promise<T> {
  try {
    const value = await body();
    await branches.end();
    return value;
  } catch (error) {
    await branches.end().catch(() => undefined);
    throw error;
  }
}

/** A refusal is the transaction's outcome; a defect, or a call without a clear answer, is what it is. */
async function thrown(connection: Connection, gid: string, error: unknown): Promise<unknown> {
  if (error instanceof BranchFailure) return new TransactionFailed(gid, error.message, error);
  if (error instanceof RequestRefused && mayBeDecided(error)) return failedIfDecided(connection, gid, error);
  return error;
}

/** DTM's server gives no code. */
function mayBeDecided({ coordinatorCode, status }: RequestRefused): boolean {
  return coordinatorCode === 'WRONG_STATUS' || (coordinatorCode === undefined && status < 500);
}
