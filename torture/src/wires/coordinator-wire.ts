/** The coordinator as programs without the SDK call it: every verb over HTTP, gRPC and JSON-RPC. */
export type WireName = 'http' | 'grpc' | 'json-rpc';

export type Verb = 'prepare' | 'submit' | 'abort' | 'registerBranch' | 'prepareWorkflow';

/** A request by the names of HTTP's body. */
export type Members = Readonly<Record<string, unknown>>;

/**
 * What came of one request.
 *
 * - `done`: it is as it was asked; with `wait_result`: the transaction succeeded.
 * - `refused`: not done, for good; with `wait_result` and the code TRANSACTION_FAILED: the transaction failed.
 * - `ongoing`: it is durable, and not at its end.
 * - `unclear`: it may or may not have arrived.
 */
export interface Reply {
  readonly kind: 'done' | 'refused' | 'ongoing' | 'unclear';
  /** The stable code of docs/errors.md; empty where there is none. */
  readonly code: string;
  readonly why: string;
  /** What prepareWorkflow answers, by the names of HTTP's body. */
  readonly body: unknown;
}

export interface CoordinatorWire {
  readonly name: WireName;
  /** Never rejects. */
  send(verb: Verb, members: Members): Promise<Reply>;
}

/** How long one request may take; longer than the coordinator lets a caller wait. */
export const sendTimeoutMs = 4_000;

export function unclear(error: unknown): Reply {
  return { kind: 'unclear', code: '', why: String(error), body: undefined };
}
