/**
 * Everything that one seed decides, as plain data: it can be printed, and made smaller until nothing more can be left out.
 * Times in ms of the world's time, chances from 0 to 1.
 */
import type { TransactionType } from '@tandem/protocol';

export interface Draw {
  readonly seed: number;
  /** Places for nodes; in each a process runs, and another one after it has died. */
  readonly nodes: number;
  readonly hosts: number;
  /** How long faults are injected. */
  readonly troubleMs: number;
  readonly policy: PolicyDraw;
  readonly network: NetworkDraw;
  readonly store: StoreDraw;
  /** How far ahead each node's clock is; within the allowance. */
  readonly clockOffsetsMs: readonly number[];
  /** Topics and the hosts that subscribe to them when the world begins. */
  readonly topics: Readonly<Record<string, readonly number[]>>;
  readonly transactions: readonly TransactionDraw[];
  readonly incidents: readonly Incident[];
}

export interface PolicyDraw {
  readonly leaseMs: number;
  readonly skewMs: number;
  readonly runningMax: number;
  readonly pendingWritesMax: number;
  readonly callsPerTargetMax: number;
  readonly queuePerTargetMax: number;
  readonly breakerFailures: number;
  readonly breakerOpenMs: number;
  readonly claimMax: number;
  readonly claimIntervalMs: number;
  /** 0: nothing is purged. */
  readonly retentionMs: number;
  /** How long the call of a workflow's service may take. */
  readonly resumeTimeoutMs: number;
  readonly purgeIntervalMs: number;
  readonly batchItemsMax: number;
  readonly batchesMax: number;
}

/** The way between nodes and participants, and between clients and nodes. */
export interface NetworkDraw {
  readonly lose: number;
  readonly loseAnswer: number;
  readonly duplicate: number;
  /** Chance that a message takes up to `lateMs` instead of up to `usualMs`. */
  readonly late: number;
  readonly usualMs: number;
  readonly lateMs: number;
  /** Delays are rounded up to this, so that things happen in the same moment. */
  readonly grainMs: number;
}

export interface StoreDraw {
  readonly failBefore: number;
  readonly loseReply: number;
  readonly splitBatch: number;
  readonly refuse: number;
  /** Chance that a claim's reply comes after the leases that it tells of have ended. */
  readonly lateClaims: number;
  readonly slow: number;
  readonly slowMs: number;
}

/** How a step's participant behaves while there is trouble. */
export interface StepDraw {
  /** `always` holds after the trouble too: a business refusal. */
  readonly refuses: 'never' | 'sometimes' | 'always';
  readonly ongoing: number;
  readonly unclear: number;
  readonly unclearAfterEffect: number;
}

/** When and where a client asks for something. */
export interface AskDraw {
  readonly at: number;
  readonly node: number;
  readonly verb: 'submit' | 'prepare' | 'abort';
  readonly waitMs: number;
  /** It asks for something else under the same gid, once that exists. */
  readonly isOther?: boolean;
}

/** One branch that a caller begins itself: its id, nested ones with that of the outer first, and where it lives. */
export interface BranchDraw {
  readonly id: string;
  readonly host: number;
}

/** What a step of a workflow is: undone by a compensation; tried, then confirmed or cancelled; prepared in a database. */
export type StepKind = 'saga' | 'tcc' | 'xa';

/** The code of a workflow, and how its service behaves while there is trouble. */
export interface WorkflowDraw {
  readonly kinds: readonly StepKind[];
  /** Chance that a run stops, at each point between two of its steps. */
  readonly dies: number;
  /** What a step's own code takes before it calls. */
  readonly thinkMs: number;
  /** Its steps answer each run something else. */
  readonly hasOwnResults: boolean;
}

export interface TransactionDraw {
  readonly gid: string;
  readonly type: TransactionType;
  /** The request as it goes over the wire, without the gid. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly steps: readonly StepDraw[];
  readonly asks: readonly AskDraw[];
  /** TCC, XA, workflow: the branches of its steps. */
  readonly branches?: readonly BranchDraw[];
  readonly workflow?: WorkflowDraw;
  /** Message: what becomes of the sender's own transaction, once prepare is acknowledged; TCC, XA: what its caller decides. */
  readonly local: 'commits' | 'rollsBack' | 'isForgotten' | undefined;
}

export type Incident =
  | {
      readonly kind: 'crash';
      readonly at: number;
      readonly node: number;
      /** It dies at so many of its own steps after `at`. */
      readonly steps: number;
      readonly restartMs: number;
    }
  | { readonly kind: 'stop'; readonly at: number; readonly node: number; readonly graceMs: number }
  | { readonly kind: 'freeze'; readonly at: number; readonly node: number; readonly forMs: number }
  | { readonly kind: 'clockJump'; readonly at: number; readonly node: number; readonly byMs: number }
  | { readonly kind: 'storeDown'; readonly at: number; readonly node: number | 'all'; readonly forMs: number }
  | { readonly kind: 'hostDown'; readonly at: number; readonly host: number; readonly forMs: number }
  | { readonly kind: 'hostHangs'; readonly at: number; readonly host: number; readonly forMs: number }
  | {
      readonly kind: 'operator';
      readonly at: number;
      readonly node: number;
      readonly gid: string;
      readonly verb: 'pause' | 'resume' | 'retryNow' | 'forceStop' | 'wakeAll' | 'look';
    }
  | {
      readonly kind: 'topic';
      readonly at: number;
      readonly node: number;
      readonly topic: string;
      readonly host: number;
      readonly verb: 'subscribe' | 'unsubscribe' | 'delete';
    };
