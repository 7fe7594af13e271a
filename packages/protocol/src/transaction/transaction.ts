import type { BranchRequest, Definition, Payload } from './definition.js';
import type { Gid } from './gid.js';

/** Statuses of a global transaction; the literals are DTM's. Paused is a flag beside the status. */
export type GlobalStatus = 'prepared' | 'submitted' | 'aborting' | 'succeed' | 'failed';

/**
 * The operations of a branch; the literals are DTM's (`op`), but for `resume`, whose name on the wire is the workflow's.
 * `try` is never called: its row is the registration. `business` is what a workflow records of an XA branch.
 */
export const branchOps = [
  'action',
  'compensate',
  'msg',
  'try',
  'confirm',
  'cancel',
  'commit',
  'rollback',
  'resume',
  'business',
] as const;

export type BranchOp = (typeof branchOps)[number];

/** The outcome of a branch operation so far; the literals are DTM's. `prepared` means: without a final outcome. */
export type BranchStatus = 'prepared' | 'succeed' | 'failed';

/** Which call: the branch and the operation on it. The back-check is branch `00`, operation `msg`. */
export interface CallKey {
  readonly branchId: string;
  readonly op: BranchOp;
}

/** What a caller registered for a branch while the transaction was prepared; never changed after that. */
export interface Registered {
  /** TCC: the URL of each phase; XA: the same URL for both; workflow: none. An empty URL counts as a call that succeeded. */
  readonly urls: Readonly<Partial<Record<'confirm' | 'cancel' | 'commit' | 'rollback', string>>>;
  /** TCC: what confirm and cancel are sent; workflow: what the step answered. */
  readonly payload: Payload;
  /** Place in the order of registration, from 0. */
  readonly ordinal: number;
  readonly request?: BranchRequest | undefined;
}

/** What is known of one branch operation that has answered at least once, or was registered. No row: neither. */
export interface BranchRow extends CallKey {
  readonly status: BranchStatus;
  /** Answers that were neither success nor a failure that decides (nor ongoing): what a retry limit counts. */
  readonly attempts: number;
  /** When the next call is due, in ms; meaningful while `status` is `prepared`. */
  readonly nextAttemptAt: number;
  /** What the last answer that was not a success said, cut to its limit. */
  readonly reason: string;
  readonly registered?: Registered;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** The row of what was registered. */
export interface RegisteredRow extends BranchRow {
  readonly registered: Registered;
}

export function isRegistered(row: BranchRow): row is RegisteredRow {
  return row.registered !== undefined;
}

/** The part of the head that only the machines read; stored as one small value. */
export interface HeadState {
  /** Why the transaction is aborting or failed. Empty: no reason. */
  readonly reason: string;
  /** Why it is paused; kept apart, so that a pause never hides why it rolls back. Empty: not paused, or no reason. */
  readonly pauseReason: string;
  /** When submit was accepted, in ms; a message's delay counts from it. 0: not submitted. */
  readonly submittedAt: number;
  /** Message: how long after submit its branches may be called, in ms. */
  readonly delayMs: number;
  /** An operator ended it by force: nothing was compensated. */
  readonly isForced: boolean;
}

/** What changes during the life of a transaction and is not about a single branch. All times in UTC ms. */
export interface Head {
  readonly status: GlobalStatus;
  readonly isPaused: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Set once, with the final status. */
  readonly finishedAt: number | undefined;
  readonly state: HeadState;
}

/** One global transaction as durable state describes it. Lease, version and due time are the coordinator's and the store's. */
export interface Transaction {
  readonly gid: Gid;
  readonly definition: Definition;
  readonly head: Head;
  /** Rows by `rowKey`. */
  readonly rows: ReadonlyMap<string, BranchRow>;
}

/** The key of a row in `Transaction.rows`. Branch ids hold no space. */
export function rowKey(branchId: string, op: BranchOp): string {
  return `${branchId} ${op}`;
}

/** A finished transaction never changes again (until it is purged). */
export function isFinished(status: GlobalStatus): boolean {
  return status === 'succeed' || status === 'failed';
}
