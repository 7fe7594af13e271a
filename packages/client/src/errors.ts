/** Every error that this package throws has one of these codes; the README says what to do about each. */
export type ClientErrorCode =
  | 'TRANSACTION_FAILED'
  | 'TRANSACTION_ONGOING'
  | 'COORDINATOR_UNREACHABLE'
  | 'REQUEST_REFUSED'
  | 'LOCAL_TRANSACTION_UNCLEAR'
  | 'BRANCH_UNCLEAR'
  | 'COMPENSATION_FAILED'
  | 'WORKFLOW_CHANGED'
  | 'INVALID_OPTION'
  | 'INVALID_PAYLOAD'
  | 'NOT_A_BRANCH_CALL'
  | 'BARRIER_OUTSIDE_TRANSACTION'
  | 'BARRIER_TABLE_MISSING'
  | 'BARRIER_NOT_USED'
  | 'BARRIER_MARKS_FULL'
  | 'TRANSACTIONS_NOT_AVAILABLE'
  | 'OUTBOX_OUTSIDE_TRANSACTION'
  | 'OUTBOX_TABLE_MISSING'
  | 'WORK_MUST_BE_SYNCHRONOUS'
  | 'NOT_AN_INTEGER'
  | 'REDIS_MAY_EVICT'
  | 'XA_NOT_AVAILABLE'
  | 'UNKNOWN_WORKFLOW'
  | 'USED_AFTER_ITS_END'
  | 'STEP_INSIDE_STEP';

/** What all errors of this package have in common: a stable `code`, and the transaction where it is about one. */
export abstract class ClientError extends Error {
  /** Stable: to be compared with, in place of the message. */
  abstract readonly code: ClientErrorCode;
  /** The transaction that it is about; undefined: none. */
  readonly gid: string | undefined;

  constructor(message: string, gid?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.gid = gid;
  }
}

/** The transaction was rolled back, or its rollback is decided. Do not repeat it under the same gid. */
export class TransactionFailed extends ClientError {
  readonly code = 'TRANSACTION_FAILED';
  /** What the branch that refused said, or why else it was rolled back. */
  readonly reason: string;

  constructor(gid: string, reason: string, cause?: unknown) {
    super(`transaction ${gid} failed: ${reason}`, gid, cause);
    this.reason = reason;
  }
}

/** The transaction is durable and goes on by itself; its outcome was not known in time. Query it, or submit it again. */
export class TransactionOngoing extends ClientError {
  readonly code = 'TRANSACTION_ONGOING';

  constructor(gid: string, message: string, cause?: unknown) {
    super(`transaction ${gid} goes on: ${message}`, gid, cause);
  }
}

/** No coordinator answered. The request may or may not have arrived: repeat it under the same gid, which is safe. */
export class CoordinatorUnreachable extends ClientError {
  readonly code = 'COORDINATOR_UNREACHABLE';
}

/** The coordinator answered and would not do it. */
export class RequestRefused extends ClientError {
  readonly code = 'REQUEST_REFUSED';
  /** The HTTP status of the answer. */
  readonly status: number;
  /** The coordinator's own code (docs/errors.md); undefined where it sends none, as DTM's server. */
  readonly coordinatorCode: string | undefined;
  /** The same request may be accepted later: the coordinator is overloaded, or its store is down. */
  readonly isRetryable: boolean;

  constructor(status: number, coordinatorCode: string | undefined, message: string, gid?: string) {
    super(`the coordinator refused the request: ${message}`, gid);
    this.status = status;
    this.coordinatorCode = coordinatorCode;
    this.isRetryable = status === 429 || status >= 500;
  }
}

/**
 * The local transaction of a message threw, and yet it is not rolled back: a commit whose answer was lost, for one.
 * `cause` is what it threw.
 */
export class LocalTransactionUnclear extends ClientError {
  readonly code = 'LOCAL_TRANSACTION_UNCLEAR';
  /** `submitted`: it had committed, and the message is on its way. `undecided`: the coordinator's back-check will decide. */
  readonly decision: 'submitted' | 'undecided';

  constructor(gid: string, decision: 'submitted' | 'undecided', cause: unknown) {
    const explained = {
      submitted: 'threw, but its back-check says that it is committed; the message was submitted',
      undecided: 'threw, and it is not clear whether it is committed; the coordinator will ask the back-check',
    };
    super(`the local transaction of message ${gid} ${explained[decision]}`, gid, cause);
    this.decision = decision;
  }
}

/** A participant that was called from here did not say clearly whether it did its part. */
export class BranchUnclear extends ClientError {
  readonly code = 'BRANCH_UNCLEAR';

  constructor(gid: string, message: string, cause?: unknown) {
    super(message, gid, cause);
  }
}

/**
 * What undoes a step, or completes it after the decision, threw. It must succeed in the end: the workflow stays unfinished and
 * is run again until it does. `cause` is what it threw.
 */
export class CompensationFailed extends ClientError {
  readonly code = 'COMPENSATION_FAILED';
  /** The name of the step. */
  readonly step: string;

  constructor(gid: string, step: string, when: 'onCommit' | 'onRollback', cause: unknown) {
    super(`${when} of step "${step}" must succeed in the end, and failed: ${saidBy(cause)}`, gid, cause);
    this.step = step;
  }
}

/**
 * The code of a workflow is not the code that recorded its steps: a step was renamed, inserted, removed or moved, or is chosen
 * by what changes from run to run. Nothing was done. Serve the older code until its workflows have ended, or give the new one
 * another name.
 */
export class WorkflowChanged extends ClientError {
  readonly code = 'WORKFLOW_CHANGED';

  constructor(gid: string, message: string) {
    super(`${message}; the code must ask for the same steps in the same order in each run`, gid);
  }
}

/** The codes of `InvalidUse`: mistakes in a program, and in how things were set up. */
export type InvalidUseCode = Extract<
  ClientErrorCode,
  | 'INVALID_OPTION'
  | 'INVALID_PAYLOAD'
  | 'NOT_A_BRANCH_CALL'
  | 'BARRIER_OUTSIDE_TRANSACTION'
  | 'BARRIER_TABLE_MISSING'
  | 'BARRIER_NOT_USED'
  | 'BARRIER_MARKS_FULL'
  | 'TRANSACTIONS_NOT_AVAILABLE'
  | 'OUTBOX_OUTSIDE_TRANSACTION'
  | 'OUTBOX_TABLE_MISSING'
  | 'WORK_MUST_BE_SYNCHRONOUS'
  | 'NOT_AN_INTEGER'
  | 'REDIS_MAY_EVICT'
  | 'XA_NOT_AVAILABLE'
  | 'UNKNOWN_WORKFLOW'
  | 'USED_AFTER_ITS_END'
  | 'STEP_INSIDE_STEP'
>;

/** This package was used in a way that cannot work; the message says what to do instead. */
export class InvalidUse extends ClientError {
  readonly code: InvalidUseCode;

  constructor(code: InvalidUseCode, message: string, cause?: unknown) {
    super(message, undefined, cause);
    this.code = code;
  }
}

/** The message of what was thrown, which need not be an error. */
export function saidBy(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether it is the end of an `AbortSignal.timeout`. */
export function isTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'TimeoutError';
}
