import { TandemError, type ErrorCode } from '@tandem/protocol';
import { StoreError } from '@tandem/store';
import { statusCode, type GrpcStatus } from './wire/status-code.js';

/** The one place where codes become gRPC; docs/errors.md shows the same table. */
export const grpcCode: Readonly<Record<ErrorCode, number>> = {
  INVALID_JSON: statusCode.invalidArgument,
  INVALID_REQUEST: statusCode.invalidArgument,
  INVALID_GID: statusCode.invalidArgument,
  UNKNOWN_TRANSACTION_TYPE: statusCode.invalidArgument,
  UNSUPPORTED_BRANCH_URL: statusCode.invalidArgument,
  LIMIT_EXCEEDED: statusCode.resourceExhausted,
  NOT_FOUND: statusCode.notFound,
  TOPIC_NOT_FOUND: statusCode.notFound,
  CONFLICTING_REPEAT: statusCode.aborted,
  WRONG_STATUS: statusCode.aborted,
  // Not ABORTED: DTM's Go SDK rolls a workflow back for that, and this one may have succeeded.
  ALREADY_FINISHED: statusCode.failedPrecondition,
  STEP_ALREADY_RECORDED: statusCode.failedPrecondition,
  ALREADY_EXISTS: statusCode.alreadyExists,
  OVERLOADED: statusCode.resourceExhausted,
  STORE_UNAVAILABLE: statusCode.unavailable,
  SHUTTING_DOWN: statusCode.unavailable,
  INTERNAL: statusCode.internal,
};

/** Of a refusal that is no fault of the caller's: it may send the same again. */
const pushbackMs: Readonly<Partial<Record<ErrorCode, number>>> = {
  OVERLOADED: 1_000,
  STORE_UNAVAILABLE: 1_000,
  SHUTTING_DOWN: 1_000,
};

/** A status that a method answers with, instead of a message. */
export class GrpcStatusError extends Error {
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus) {
    super(status.message);
    this.name = 'GrpcStatusError';
    this.status = status;
  }
}

/** Any error as a status: its code and message, and nothing of stacks or causes. `tandem-code` tells the stable code. */
export function statusOf(error: unknown): GrpcStatus {
  if (error instanceof GrpcStatusError) return error.status;
  if (error instanceof TandemError) return withCode(error.code, error.message);
  if (error instanceof StoreError) return withCode('STORE_UNAVAILABLE', 'the store does not answer; try again');
  return withCode('INTERNAL', "an error inside Tandem; the server's log has the details");
}

/** The code of an error that is not the caller's: the store's, an overload, or a defect of ours. */
export function faultCodeOf(error: unknown): ErrorCode | undefined {
  if (error instanceof GrpcStatusError) return undefined;
  if (error instanceof StoreError) return 'STORE_UNAVAILABLE';
  if (!(error instanceof TandemError)) return 'INTERNAL';
  return error.code === 'INTERNAL' || error.code in pushbackMs ? error.code : undefined;
}

function withCode(code: ErrorCode, message: string): GrpcStatus {
  const wait = pushbackMs[code];
  const trailers = {
    'tandem-code': code,
    ...(wait !== undefined && { 'grpc-retry-pushback-ms': String(wait) }),
  };
  return { code: grpcCode[code], message, trailers };
}
