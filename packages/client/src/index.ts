/**
 * Sagas, TCC, XA and messages, and the branches of a service with their barrier. No dependencies: for every runtime that has `fetch`.
 *
 * @module
 */
export { createClient, type Client } from './client.js';
export type { ClientOptions, HttpClientOptions, PortClientOptions } from './coordinator/client-options.js';
export type { ClientClock } from './coordinator/client-clock.js';
export type {
  CallOptions,
  CoordinatorAnswer,
  CoordinatorPort,
  CoordinatorVerb,
} from './coordinator/coordinator-port.js';
export type { Places } from './coordinator/node-choice.js';
export type { Connection } from './coordinator/connection.js';
export type { GrpcCall, GrpcCalls, GrpcReply } from './participant/grpc-calls.js';
export type { BranchState, TransactionState } from './coordinator/transaction-status.js';
export { durationMs, type Duration } from './duration.js';
export {
  BranchUnclear,
  ClientError,
  CompensationFailed,
  CoordinatorUnreachable,
  InvalidUse,
  LocalTransactionUnclear,
  RequestRefused,
  TransactionFailed,
  TransactionOngoing,
  WorkflowChanged,
  type ClientErrorCode,
  type InvalidUseCode,
} from './errors.js';
export { newGid } from './gid.js';
export type { Recorded } from './recorded.js';
export type { SchemaIssue, SchemaResult, StandardSchemaV1 } from './schema/standard-schema.js';
export type { Done } from './transaction/do-and-submit.js';
export type { Message, MessageOptions, ReceiverOptions } from './transaction/message.js';
export type { Saga, SagaOptions, SagaStep } from './transaction/saga.js';
export type { SubmitOptions, Submitted } from './transaction/submission.js';
export type { SubmitRequest, Submittable } from './transaction/submittable.js';
export type { RetryOptions, TransactionOptions } from './transaction/transaction-options.js';
export type { Tcc, TccBranch } from './two-phase/tcc.js';
export type { FirstPhase, TwoPhaseOptions } from './two-phase/two-phase-options.js';
export type { Xa, XaBranch } from './two-phase/xa.js';
export type { XaBranchId, XaDatabase, XaPrepared, XaWork } from './xa/xa-database.js';
export { xaHandler } from './xa/xa-handler.js';
export { backCheckHandler } from './branch/back-check-handler.js';
export type { BranchContext } from './branch/branch-context.js';
export {
  branchHandler,
  type BranchCall,
  type BranchHandlerOptions,
  type RequestHandler,
} from './branch/branch-handler.js';
export { BranchFailure, BranchOngoing } from './branch/branch-outcome.js';
export { Barrier, type BarrierResult, type BarrierSkip, type SynchronousWork } from './barrier/barrier.js';
export type {
  AsyncBarrierDatabase,
  BarrierDatabase,
  BarrierSession,
  OldRows,
  SyncBarrierDatabase,
} from './barrier/barrier-database.js';
export { cleanBarrierRows, type CleanOptions } from './barrier/clean-barrier-rows.js';
export type { MaybePromise } from './barrier/maybe-promise.js';
