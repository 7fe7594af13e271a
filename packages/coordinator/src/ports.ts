import type { BranchMethod, BranchOp, BranchResult, Gid, Payload, Protocol, TransactionType } from '@tandem/protocol';

/** Time as the coordinator sees it. */
export interface Clock {
  /** UTC ms, never going back. */
  now(): number;
  /** Ms from any beginning, for durations: whatever is done to the clock changes nothing. */
  steady(): number;
  /** Calls `fire` once, at least `delayMs` later; the answer cancels it. Does not keep the process alive. */
  setTimer(delayMs: number, fire: () => void): () => void;
}

/** Randomness: ids and tokens. */
export interface Random {
  /** `bytes` random bytes in lower-case hex. */
  hex(bytes: number): string;
}

/** One call of a branch, ready to go out. */
export interface BranchCall {
  readonly gid: Gid;
  readonly transactionType: TransactionType;
  readonly branchId: string;
  readonly op: BranchOp;
  /** What the wire calls the operation, where that is not `op`: the name of the workflow that is resumed. */
  readonly wireOp?: string | undefined;
  /** HTTP: the method that was asked for; absent: POST, or GET where the payload is empty (XA: POST always). */
  readonly method?: BranchMethod | undefined;
  readonly url: string;
  readonly payload: Payload;
  readonly protocol: Protocol;
  /** The transaction's and the branch's own. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** Calls participants. Never rejects: what goes wrong is an `unknown` result. */
export interface BranchCaller {
  /** Answers within `timeoutMs`, or `unknown`; earlier when `cancel` is called (the lease is lost, or shutdown). */
  call(call: BranchCall): { readonly result: Promise<BranchResult>; readonly cancel: () => void };
  /**
   * The target of a URL: what shares one limit and one circuit breaker, usually scheme, host and port.
   * Throws `TandemError` UNSUPPORTED_BRANCH_URL where no caller knows the scheme or the URL is malformed.
   */
  targetOf(url: string): string;
  close(): Promise<void>;
}

/** What happened, told to whoever measures or logs. Must not throw and must not block. */
export interface CoordinatorEvents {
  created?(type: TransactionType): void;
  finished?(type: TransactionType, status: 'succeed' | 'failed', gid: Gid, ageMs: number): void;
  branchAnswered?(type: TransactionType, op: BranchOp, result: BranchResult['kind'], durationMs: number): void;
  /** An unclear answer; `attempts` so far. For logs and alerts. */
  branchRetry?(gid: Gid, branchId: string, op: BranchOp, url: string, attempts: number, reason: string): void;
  paused?(type: TransactionType, gid: Gid, reason: string): void;
  targetOpened?(target: string): void;
  targetClosed?(target: string): void;
  claimed?(count: number): void;
  storeFault?(verb: string, error: unknown): void;
  leaseLost?(gid: Gid): void;
  defect?(error: unknown): void;
}
