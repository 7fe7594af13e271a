/**
 * The shape of a transaction type's machine.
 *
 * M1. Pure: no clock, no randomness, no I/O; `now` is an argument, in UTC ms.
 * M2. `plan` is level-triggered: it names every call that durable state asks for, each time it is asked, and keeps no
 *     note of what is under way. The runner starts only what is not outstanding.
 * M3. `plan` gives mutations or calls, never both: mutations are made durable first, then it is asked again.
 * M4. Total: every status and event has an answer; late and repeated events change nothing.
 * M5. Never stuck: unfinished, not paused and nothing outstanding implies a mutation, a call or a wake-up time.
 * M6. Events that are reacted to together, before one commit, go in this order: whatever is not a success first. A success
 *     that rides with what starts a roll-back must not seem to have allowed further steps.
 * M7. A status never becomes durable before the branch outcomes it rests on: both travel in one mutation or the
 *     outcomes travel first.
 */
import type { ErrorCode } from '../errors.js';
import type { RetryDefaults } from '../retry/retry-policy.js';
import type { BranchRequest, Definition, Payload, TransactionType } from './definition.js';
import type {
  BranchRow,
  BranchStatus,
  CallKey,
  GlobalStatus,
  Head,
  HeadState,
  Registered,
  Transaction,
} from './transaction.js';

/** How a participant's answer reads; docs/protocol says which answers map to which. */
export type BranchResult =
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly reason: string }
  | { readonly kind: 'ongoing'; readonly reason: string }
  /** Neither: asked again later. `isUnreachable`: no answer came at all (refused, timed out, dropped): the target may be down. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly isUnreachable?: boolean };

/** What a caller registers with a prepared TCC, XA or workflow: a branch, or a step that it has done. */
export interface Registration extends CallKey {
  /** The type that the caller takes the transaction for. */
  readonly type: TransactionType;
  /** Workflow: how the step ended. Else `prepared`. */
  readonly status: BranchStatus;
  readonly urls: Registered['urls'];
  readonly payload: Payload;
  readonly request?: BranchRequest | undefined;
}

/** How a workflow ended, as its own code says it. */
export interface Verdict {
  readonly status: 'succeed' | 'failed';
  readonly reason: string;
  /** What it answers, as it was sent: base64 in DTM's SDKs. */
  readonly result: string;
}

/** What happens to a transaction from outside its own plan. */
export type TransactionEvent =
  | ({ readonly kind: 'branchAnswered'; readonly result: BranchResult } & CallKey)
  | { readonly kind: 'registerBranch'; readonly registration: Registration }
  /** A workflow's submit carries its verdict. */
  | { readonly kind: 'submit'; readonly delayMs: number; readonly verdict?: Verdict }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'forceStop'; readonly reason: string }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'retryNow' };

/** A change of durable state. Absent members stay as they are. */
export interface Mutation {
  readonly status?: GlobalStatus;
  readonly isPaused?: boolean;
  readonly state?: Partial<HeadState>;
  /** Rows to insert or replace, by their key. */
  readonly rows?: readonly BranchRow[];
}

/** What an event does: a change, nothing (a repeat, or too late), or a refusal that the caller is told. */
export type Reaction =
  | { readonly kind: 'changed'; readonly mutation: Mutation }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string };

/** One call that durable state asks for. */
export interface Call extends CallKey {
  readonly url: string;
  readonly payload: Payload;
  /** The call must have been answered by then, in ms from its start. */
  readonly timeoutMs: number;
  readonly request?: BranchRequest | undefined;
  /** What the wire's `op` says where it is not `op` itself: the name of the workflow that is resumed. */
  readonly wireOp?: string;
}

/** What durable state asks for next. */
export type Plan =
  | { readonly kind: 'mutate'; readonly mutation: Mutation }
  /** Start these calls (those not outstanding); look again at `wakeAt` even if none has answered. */
  | { readonly kind: 'calls'; readonly calls: readonly Call[]; readonly wakeAt: number | undefined }
  /** Nothing may be called before `wakeAt`; `waitsFor` is the URL of the call that will be due then, if it is one. */
  | { readonly kind: 'wait'; readonly wakeAt: number; readonly waitsFor: string | undefined }
  | { readonly kind: 'paused' }
  | { readonly kind: 'finished' };

/** What a caller who waits for the outcome is told, as soon as durable state says it. */
export type Outcome =
  { readonly kind: 'success' } | { readonly kind: 'failure'; readonly reason: string } | { readonly kind: 'open' };

/** Defaults that the coordinator gives the machines of one transaction type, all in milliseconds. */
export interface MachineDefaults {
  readonly retry: RetryDefaults;
  readonly requestTimeoutMs: number;
  /** Message: first back-check after prepare. Saga, TCC, XA: the time limit; 0: none. Workflow: not used. */
  readonly timeoutToFailMs: number;
  /** Message: between back-checks. */
  readonly checkIntervalMs: number;
  /**
   * Workflow: how long its service may take to run it to the end when it is resumed. Longer than a branch call, or a run
   * that works would be started a second time beside itself.
   */
  readonly resumeTimeoutMs: number;
}

/** What a plan is made with: the defaults, and what is known of targets where that matters. */
export interface PlanSituation extends MachineDefaults {
  /**
   * Whether a URL cannot be called for now, because its target is down, say. Where calls are made one after the other, the next
   * that can be made is named instead. Absent: all can be.
   */
  readonly isPutOff?: (url: string) => boolean;
}

/** The intent that a transaction is created with. */
export type OpenIntent = 'prepare' | 'submit';

/** The machine of one transaction type. */
export interface Machine {
  /** The head that a new transaction starts with. Throws `TandemError` where the type does not know the intent. */
  open(definition: Definition, intent: OpenIntent, delayMs: number, now: number): Head;
  /** What an event changes. */
  react(tx: Transaction, event: TransactionEvent, now: number, defaults: MachineDefaults): Reaction;
  /** What durable state asks for next. */
  plan(tx: Transaction, now: number, situation: PlanSituation): Plan;
  /** What a caller who waits may be told. */
  outcome(tx: Transaction): Outcome;
  /** Every branch operation of the transaction, called or not, in DTM's order: what a query shows. */
  branches(tx: Transaction): readonly BranchView[];
}

/** One branch operation as a query shows it. */
export interface BranchView extends CallKey {
  readonly url: string;
  readonly payload: Payload;
  readonly status: BranchRow['status'];
  readonly row: BranchRow | undefined;
}
