export { InvariantError, TandemError, unreachable, type ErrorCode } from './errors.js';
export { limits } from './transaction/limits.js';
export { checkName, parseGid, type Gid } from './transaction/gid.js';
export type {
  BranchMethod,
  BranchRequest,
  Definition,
  Payload,
  Protocol,
  Step,
  TransactionOptions,
  TransactionType,
} from './transaction/definition.js';
export {
  branchOps,
  isFinished,
  rowKey,
  type BranchOp,
  type BranchRow,
  type BranchStatus,
  type CallKey,
  type GlobalStatus,
  type Head,
  type HeadState,
  type Registered,
  type Transaction,
} from './transaction/transaction.js';
export type {
  BranchResult,
  BranchView,
  Call,
  Machine,
  MachineDefaults,
  Mutation,
  OpenIntent,
  Outcome,
  Plan,
  Reaction,
  Registration,
  TransactionEvent,
  Verdict,
} from './transaction/machine.js';
export { applyMutation, mergeMutations } from './transaction/apply-mutation.js';
export { keptReason } from './transaction/kept-reason.js';
export type { RetryDefaults, RetryPolicy } from './retry/retry-policy.js';
export { defaultPolicies } from './retry/default-policies.js';
export { ongoingWaitMs, resolveRetry, retryWaitMs } from './retry/retry-engine.js';
export { isTransactionType, machineOf, transactionTypes } from './machines.js';
export { workflowResult, workflowSteps } from './workflow/workflow-machine.js';
export { backCheckKey, topicOf, topicScheme } from './message/message-shape.js';
export {
  barrierIdOf,
  barrierRows,
  decideBarrier,
  messageOp,
  type BarrierCall,
  type BarrierDecision,
  type BarrierInserts,
  type BarrierRow,
  type BarrierRows,
} from './barrier/branch-barrier.js';
export { barrierCallOf } from './barrier/barrier-call.js';
export { backCheckRow, decideBackCheck, messageCall } from './barrier/message-barrier.js';
export { parseRegistration, type RegistrationOptions } from './wire/parse-registration.js';
export { transactionTypeOf } from './wire/transaction-type.js';
export { parseTransactionRequest, type ParsedRequest, type ParseOptions } from './wire/parse-request.js';
export { checkBranchUrl, grpcSchemes, httpSchemes, withoutScheme } from './wire/branch-url.js';
export { sameContent } from './wire/same-content.js';
export { readGrpcAnswer } from './wire/grpc-answer.js';
export { readHttpAnswer, type AnswerMode } from './wire/http-answer.js';
export { jsonRpcCodes, readJsonRpcAnswer, type JsonRpcAnswer } from './wire/json-rpc-answer.js';
export { fitsJsonRpc, jsonRpcMethodOf, jsonRpcParams, type JsonRpcNames } from './wire/json-rpc-branch.js';
export { decodeBody, encodeBody } from './wire/stored-body.js';
export { decodeHeadState, encodeHeadState } from './wire/stored-head-state.js';
export { decodeRow, encodeRow } from './wire/stored-row.js';
export {
  branchView,
  queryView,
  transactionView,
  workflowView,
  type JsonView,
  type ViewSource,
  type WorkflowSource,
} from './wire/query-view.js';
export { decodeBase64, encodeBase64 } from './wire/base64.js';
export { encodeUtf8, utf8Length } from './wire/utf8.js';
export { sagaTable } from './saga/saga-table.js';
export { messageTable } from './message/message-table.js';
export { tccTable } from './tcc/tcc-table.js';
export { xaTable } from './xa/xa-table.js';
export { workflowTable } from './workflow/workflow-table.js';
export { withTable } from './tables/render-table.js';
export type { Cell, Effect, PlanEffect, StateRow, StateTable, TableEvent } from './tables/state-table.js';
