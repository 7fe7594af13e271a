export { createClient, type Client } from './client.js';
export type { ClientOptions } from './coordinator/client-options.js';
export type { BranchState, TransactionState } from './coordinator/transaction-status.js';
export type { Duration } from './duration.js';
export {
  ClientError,
  CoordinatorUnreachable,
  InvalidUse,
  LocalTransactionUnclear,
  RequestRefused,
  TransactionFailed,
  TransactionOngoing,
  type ClientErrorCode,
} from './errors.js';
export { newGid } from './gid.js';
export type { Done } from './transaction/do-and-submit.js';
export type { Message, MessageOptions, ReceiverOptions } from './transaction/message.js';
export type { Saga, SagaOptions, SagaStep } from './transaction/saga.js';
export type { SubmitOptions, Submitted } from './transaction/submission.js';
export type { RetryOptions, TransactionOptions } from './transaction/transaction-options.js';
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
  SyncBarrierDatabase,
} from './barrier/barrier-database.js';
export type { MaybePromise } from './barrier/maybe-promise.js';
