/** The three ways to speak to a server, behind one shape, so that a case can run on each. */

export const wireNames = ['http', 'grpc', 'json-rpc'] as const;
export type WireName = (typeof wireNames)[number];

/** Members of a request as DTM's HTTP API names them; the other wires carry the same under their own names. */
export type Members = Readonly<Record<string, unknown>>;

export type Verb = 'prepare' | 'submit' | 'abort' | 'registerBranch' | 'prepareWorkflow';

export interface Reply {
  /** What DTM's SDKs make of it: HTTP 200, 409, 425; gRPC OK, ABORTED, FAILED_PRECONDITION; JSON-RPC -32901, -32902. */
  readonly outcome: 'success' | 'refused' | 'ongoing' | 'error';
  /** The status on HTTP, the name of the code on gRPC, the code of the error on JSON-RPC (or `result`). */
  readonly code: string;
  /** The body as text, or the message of the gRPC status. */
  readonly text: string;
  /** The body parsed, or the gRPC message. */
  readonly body: unknown;
}

export interface Wire {
  readonly name: WireName;
  newGid(): Promise<Reply>;
  send(verb: Verb, members: Members): Promise<Reply>;
  close(): void;
}
