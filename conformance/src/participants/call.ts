import type { status } from '@grpc/grpc-js';
import type { WireName } from '../wire/wire.js';

/** One call as a participant saw it, whatever protocol it came over. */
export interface Call {
  readonly via: WireName;
  /** The branch's name in its case, say `debit`. */
  readonly name: string;
  readonly gid: string;
  readonly type: string;
  readonly branchId: string;
  readonly op: string;
  /** POST or GET; over gRPC always POST. */
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  /** Headers, or metadata. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Milliseconds since the suite began. */
  readonly atMs: number;
}

/** An answer as one of DTM's four words, or exactly as given, or none at all. */
export type Answer =
  | 'success'
  | 'failure'
  | 'ongoing'
  | 'unknown'
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly grpcCode: status; readonly message: string }
  | { readonly jsonRpcCode: number; readonly message: string }
  | { readonly afterMs: number; readonly then: 'success' | 'failure' };

export type Answerer = (call: Call) => Answer;
