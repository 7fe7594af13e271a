/** One unary call of a participant by gRPC. */
export interface GrpcCall {
  /** `grpc://host:port/package.Service/Method`, or `grpcs://` with TLS. */
  readonly url: string;
  /** The message, serialized. */
  readonly payload: Uint8Array;
  /** By lower-case names. */
  readonly metadata: Readonly<Record<string, string>>;
  /** After this, in ms, the call is given up. */
  readonly timeoutMs: number;
}

/** What came back; `code` is gRPC's, and `payload` is empty unless it is 0. */
export interface GrpcReply {
  /** 0 (OK) to 16. */
  readonly code: number;
  /** What the status says; empty where it says nothing. */
  readonly message: string;
  /** The answer's message, serialized. */
  readonly payload: Uint8Array;
}

/** The way to participants by gRPC: `grpcCoordinator` of `@tandem/client/grpc` has one. */
export interface GrpcCalls {
  /** Rejects where it could not even be tried. */
  call(call: GrpcCall): Promise<GrpcReply>;
}

/** Whether this process calls it by gRPC. */
export function isGrpcUrl(url: string): boolean {
  return /^grpcs?:\/\//i.test(url);
}
