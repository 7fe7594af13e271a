/** The codes of a gRPC status that are used here, by their numbers on the wire. */
export const statusCode = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** How a call ended, for whoever made it. */
export interface GrpcStatus {
  readonly code: number;
  readonly message: string;
  /** More metadata that goes out with the status. */
  readonly trailers?: Readonly<Record<string, string>>;
}
