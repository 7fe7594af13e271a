import type { RetryPolicy } from '../retry/retry-policy.js';

/** The types of global transaction that have a machine; the literals are DTM's (`trans_type`). */
export type TransactionType = 'saga' | 'msg' | 'tcc' | 'xa' | 'workflow';

/** Which wire the transaction came by; decides how its branches are called where the URL leaves it open. */
export type Protocol = 'http' | 'grpc' | 'json-rpc';

/** What a step sends: text as it came, or bytes (gRPC). Reaches the participant byte for byte. */
export type Payload = string | Uint8Array;

/** HTTP methods that a caller may ask for; without one it is POST, or GET where the payload is empty. */
export type BranchMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** How the calls of one branch differ from those of the others. Absent members are the transaction's. */
export interface BranchRequest {
  /** HTTP only. GET sends no payload. */
  readonly method?: BranchMethod;
  /** Added to the transaction's branch headers; the same name replaces. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One step as the caller asked for it. An empty URL counts as a call that succeeded. */
export interface Step {
  /** The action's URL; a message may name `topic://NAME`. */
  readonly action: string;
  /** The compensation's URL; always empty in a message. */
  readonly compensate: string;
  readonly payload: Payload;
  /** A message step whose outcome a caller with wait_result does not wait for. */
  readonly isAsync: boolean;
  readonly request?: BranchRequest | undefined;
}

/** Options that hold for the whole life of the transaction; all times in milliseconds. */
export interface TransactionOptions {
  /** The caller wants the outcome in the answer. A property of the request, kept for those who look. */
  readonly waitResult: boolean;
  /** Saga, TCC, XA: roll back when not done by then; message: when the first back-check is due. Undefined: the default. */
  readonly timeoutToFailMs: number | undefined;
  /** How long one call of a branch may take. Undefined: the coordinator's default. */
  readonly requestTimeoutMs: number | undefined;
  /** How often and how long calls are tried again; undefined fields take the coordinator's default. */
  readonly retry: Partial<RetryPolicy>;
  /** Message: interval between back-checks when it differs from the retry interval. */
  readonly checkIntervalMs: number | undefined;
  /** Headers that every branch call and back-check carries. */
  readonly branchHeaders: Readonly<Record<string, string>>;
  /** HTTP method of every branch call but those that name their own; the back-check and the resume keep theirs. */
  readonly branchMethod?: BranchMethod;
}

/**
 * What is fixed when a transaction is created, stored once, and never written again. The later of two requests for one
 * gid is compared with it, so that a repeat is told from a conflict without a digest.
 */
export interface Definition {
  readonly type: TransactionType;
  readonly protocol: Protocol;
  readonly steps: readonly Step[];
  /** Steps run side by side, but for `orders`. */
  readonly isConcurrent: boolean;
  /** Saga: 0-based index of a step -> indexes of the steps that must have succeeded before it. */
  readonly orders: Readonly<Record<number, readonly number[]>>;
  /** Message: subscribers of each topic that a step names, as they were when the transaction was created. */
  readonly subscribers: Readonly<Record<string, readonly string[]>>;
  /** Message: URL of the back-check. Workflow: URL at which its service is resumed. */
  readonly queryPrepared: string;
  /** The caller's custom_data, as it came. */
  readonly customData: string;
  readonly options: TransactionOptions;
}
