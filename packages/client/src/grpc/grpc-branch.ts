/** Branches and back-checks as the methods of a service of `@grpc/grpc-js`. */
import { status, type Metadata, type StatusObject } from '@grpc/grpc-js';
import { Barrier } from '../barrier/barrier.js';
import type { BarrierDatabase } from '../barrier/barrier-database.js';
import { answerBackCheck } from '../branch/back-check-handler.js';
import { isData, isExpected, logError } from '../branch/branch-answer.js';
import { readContext, type BranchContext } from '../branch/branch-context.js';
import { BranchFailure, BranchOngoing } from '../branch/branch-outcome.js';
import type { BranchHandlerOptions } from '../branch/branch-handler.js';
import { InvalidUse } from '../errors.js';

/** One call of a branch by gRPC. */
export interface GrpcBranchCall<Payload> extends BranchContext {
  /** The message that came. */
  readonly payload: Payload;
  /** Makes the work of this call happen once, and not at all where it must not. */
  readonly barrier: Barrier;
  /** All that came with the call, the caller's trace for one. */
  readonly metadata: Metadata;
}

/** As for branches by HTTP. */
export type GrpcBranchOptions = Pick<BranchHandlerOptions, 'exposeErrors' | 'onError'>;

/** What `server.addService` takes for a unary method. */
export type GrpcMethod<Payload, Answer> = (
  call: { readonly request: Payload; readonly metadata: Metadata },
  callback: (error: Partial<StatusObject> | null, answer?: Answer | null) => void,
) => void;

/**
 * Makes a branch of a function. Returning is success (an empty message, unless it returns one); `BranchFailure` refuses
 * (ABORTED), `BranchOngoing` asks to be called later (FAILED_PRECONDITION), anything else is unclear (INTERNAL).
 */
export function grpcBranch<Payload = unknown, Answer extends object = object>(
  branch: (call: GrpcBranchCall<Payload>) => unknown,
  options: GrpcBranchOptions = {},
): GrpcMethod<Payload, Answer> {
  const answered = async ({ request, metadata }: { request: Payload; metadata: Metadata }): Promise<unknown> => {
    const context = contextOf(metadata);
    const value = await branch({ ...context, payload: request, barrier: new Barrier(context), metadata });
    return typeof value === 'object' && isData(value) ? value : {};
  };
  return (call, callback) => {
    answered(call).then(
      (answer) => callback(null, answer as Answer),
      (error: unknown) => {
        report(error, call.metadata, options);
        callback(statusOf(error, options.exposeErrors === true));
      },
    );
  };
}

/** Answers the coordinator's question whether the local transaction of a message committed, from its barrier row. */
export function grpcBackCheck(
  db: BarrierDatabase<unknown>,
  options: GrpcBranchOptions = {},
): GrpcMethod<unknown, object> {
  return grpcBranch((call) => answerBackCheck(db, call), options);
}

function contextOf(metadata: Metadata): BranchContext {
  return readContext((name) => {
    const [value] = metadata.get(`dtm-${name}`);
    return value?.toString();
  });
}

function report(error: unknown, metadata: Metadata, { onError = logError }: GrpcBranchOptions): void {
  let context: BranchContext | undefined;
  try {
    context = contextOf(metadata);
  } catch {
    context = undefined;
  }
  if (!isExpected(error, context)) onError(error, context);
}

function statusOf(error: unknown, exposeErrors: boolean): Partial<StatusObject> {
  // By this word alone, an ABORTED says that it is not done yet.
  if (error instanceof BranchFailure) {
    return { code: status.ABORTED, details: error.message === 'ONGOING' ? 'refused: ONGOING' : error.message };
  }
  if (error instanceof BranchOngoing) return { code: status.FAILED_PRECONDITION, details: error.message };
  if (error instanceof InvalidUse) {
    const code = error.code === 'NOT_A_BRANCH_CALL' ? status.INVALID_ARGUMENT : status.INTERNAL;
    return { code, details: `${error.code}: ${error.message}` };
  }
  const details = exposeErrors && error instanceof Error ? error.message : 'the branch met an unexpected error';
  return { code: status.INTERNAL, details };
}
