/** One unary call of a participant by gRPC. */
export interface GrpcCall {
  /** `grpc://host:port/package.Service/Method`, or `grpcs://` with TLS. */
  readonly url: string;
  readonly payload: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** What came back; `code` is gRPC's, and `payload` is empty unless it is 0. */
export interface GrpcReply {
  readonly code: number;
  readonly message: string;
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
