import type {
  BranchView,
  Definition,
  Gid,
  Head,
  MachineDefaults,
  Outcome,
  Registration,
  TransactionType,
  Verdict,
} from '@tandem/protocol';
import type { GroupCommitLimits, KeyValue, KeyValuePage, ScanFilter, Store } from '@tandem/store';
import type { BranchCaller, Clock, CoordinatorEvents, Random } from './ports.js';

/** Limits and policies of one coordinator. Every time in milliseconds. */
export interface CoordinatorPolicy {
  /** Defaults of each transaction type. */
  readonly types: Readonly<Record<TransactionType, TypePolicy>>;
  /** How long a lease lasts without renewal. */
  readonly leaseMs: number;
  /** Part of the lease at its end that its holder does not use, for clocks that differ between nodes. */
  readonly skewMs: number;
  /** Most transactions that run on this node at once; beyond it a submit is stored and waits for the scheduler. */
  readonly runningMax: number;
  /** Most requests that wait for the store; beyond it they are refused with OVERLOADED before anything is stored. */
  readonly pendingWritesMax: number;
  /** Most calls under way to one target. */
  readonly callsPerTargetMax: number;
  /** Most calls that wait in memory for one target; beyond it transactions wait durably. */
  readonly queuePerTargetMax: number;
  /** Unclear answers in a row after which a target counts as down. */
  readonly breakerFailures: number;
  /** How long a target that is down is left alone before it is tried again. */
  readonly breakerOpenMs: number;
  /** Most transactions taken in one claim. */
  readonly claimMax: number;
  /** Longest time between two claims: other nodes add due work. */
  readonly claimIntervalMs: number;
  /** Age after which finished transactions are purged; 0: never. */
  readonly retentionMs: number;
  /** Pause between two purge batches when there is more to do, and between sweeps. */
  readonly purgeIntervalMs: number;
  readonly purgeBatch: number;
}

export interface TypePolicy extends MachineDefaults {
  /** Most transactions of this type that run on this node at once. */
  readonly runningMax: number;
}

export interface CoordinatorOptions {
  readonly store: Store;
  readonly caller: BranchCaller;
  readonly policy?: Partial<CoordinatorPolicy>;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly events?: CoordinatorEvents;
  /** Bounds of the batches that go to the store. */
  readonly groupCommit?: Partial<GroupCommitLimits>;
  /** Runs something soon, after what is ready now; a simulation brings its own. Default: `setImmediate`. */
  readonly defer?: (run: () => void) => void;
}

/** What prepare and submit are asked with. `definition.subscribers` is filled by the coordinator. */
export interface TransactionRequest {
  readonly gid: Gid;
  readonly definition: Definition;
  /** Message: how long after submit its branches may be called, in ms. */
  readonly delayMs: number;
  /** Submit of a prepared transaction may leave steps out: they are as stored. */
  readonly hasSteps: boolean;
  /** Submit of a workflow: how its code ended. */
  readonly verdict?: Verdict | undefined;
}

/** One transaction as a query shows it. */
export interface TransactionView {
  readonly gid: Gid;
  readonly definition: Definition;
  readonly head: Head;
  readonly branches: readonly BranchView[];
  readonly version: number;
  readonly dueAt: number | undefined;
  readonly leaseOwner: string;
  /** What a finished workflow answered, as its code sent it; empty else. */
  readonly result: string;
}

/** A workflow as its code finds it: how far it is, or how it ended. */
export interface WorkflowProgress {
  readonly gid: Gid;
  readonly head: Head;
  /** Its name and input as its creator wrote them, so that who begins it once more sees whether it is his. */
  readonly customData: string;
  readonly result: string;
  /** What is recorded, in the order of recording. */
  readonly steps: readonly BranchView[];
}

/** Verbs reject with `TandemError`; docs/errors.md lists the codes. */
export interface CoordinatorVerbs {
  newGid(): Gid;
  /** Creates a prepared message, TCC or XA. A repeat with the same content answers as it stands. */
  prepare(request: TransactionRequest): Promise<void>;
  /** Creates a workflow, or answers how far the one of this gid is; never a conflict but for another type. */
  prepareWorkflow(request: TransactionRequest): Promise<WorkflowProgress>;
  /** Registers a branch of a prepared TCC or XA, or records a step of a workflow. Resolves when durable. */
  registerBranch(gid: Gid, registration: Registration): Promise<void>;
  /**
   * Creates and starts, or starts what was prepared. Resolves when durable; with `waitMs` > 0 when the outcome is known,
   * or with `open` when `waitMs` have passed or the next wake-up lies beyond them.
   */
  submit(request: TransactionRequest, waitMs: number): Promise<Outcome>;
  /**
   * Ends a prepared message, or rolls a prepared TCC or XA back. What the stored type does not allow is refused, whatever the
   * request calls it. Resolves when durable; with `waitMs` > 0 when it is rolled back, or `waitMs` have passed.
   */
  abort(gid: Gid, reason: string, waitMs?: number): Promise<void>;
  forceStop(gid: Gid, reason: string): Promise<void>;
  pause(gid: Gid, reason: string): Promise<void>;
  resume(gid: Gid): Promise<void>;
  /** Makes it due at once, whatever its back-off. */
  retryNow(gid: Gid): Promise<void>;
  query(gid: Gid): Promise<TransactionView | undefined>;
  list(filter: ScanFilter, cursor: string | undefined, limit: number): Promise<TransactionPage>;
  /** Makes up to `limit` transactions that are due later than `dueAfterMs` from now due at once. */
  wakeAll(dueAfterMs: number, limit: number): Promise<{ readonly woken: number; readonly hasMore: boolean }>;
  subscribe(topic: string, url: string, remark: string): Promise<void>;
  unsubscribe(topic: string, url: string): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  queryKeyValue(category: string, key: string): Promise<KeyValue | undefined>;
  scanKeyValues(category: string, cursor: string | undefined, limit: number): Promise<KeyValuePage>;
}

export interface TransactionPage {
  /** Newest first; without branches and steps. */
  readonly transactions: readonly Omit<TransactionView, 'branches'>[];
  readonly nextCursor: string | undefined;
}
