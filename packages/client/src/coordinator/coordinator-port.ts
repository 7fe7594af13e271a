import type { GrpcCalls } from '../participant/grpc-calls.js';

/** The verbs of DTM's wire that change something; each names a gid, so a repeat does nothing twice. */
export type CoordinatorVerb = 'submit' | 'prepare' | 'prepareWorkflow' | 'registerBranch' | 'abort';

/** What the coordinator answered; `body` is undefined where it is not a JSON object. */
export interface CoordinatorAnswer {
  /** The HTTP status, or what it would be. */
  readonly status: number;
  /** The answer's JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** When the coordinator, overloaded, wants to be asked again. */
  readonly retryAfterMs?: number | undefined;
}

/** What belongs to one call of a verb. */
export interface CallOptions {
  /** For errors, which name the transaction that they are about. */
  readonly gid?: string;
  /** Gives the call up; what has arrived goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A coordinator, wherever it is: requests and answers are those of its HTTP API as plain objects, whatever carries them.
 * Rejects with `CoordinatorUnreachable` where it is not known whether the request arrived.
 */
export interface CoordinatorPort {
  /** Where its HTTP API is, for participants that want to know (`dtm` in the query of a branch call); empty: nowhere. */
  readonly apiUrl: string;
  /** The way to participants by gRPC, and to payloads that are bytes; undefined: there is none. */
  readonly grpc?: GrpcCalls;
  /** Calls a verb with the body that it has in the HTTP API. */
  post(
    verb: CoordinatorVerb,
    body: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): Promise<CoordinatorAnswer>;
  /** A transaction as `query` of the HTTP API answers it. */
  query(gid: string, options: CallOptions): Promise<CoordinatorAnswer>;
}
