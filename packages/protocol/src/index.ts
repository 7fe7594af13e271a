export { InvariantError, TandemError, unreachable, type ErrorCode } from './errors.js';
export { limits } from './transaction/limits.js';
export { parseGid, type Gid } from './transaction/gid.js';
export type {
  Definition,
  Payload,
  Protocol,
  Step,
  TransactionOptions,
  TransactionType,
} from './transaction/definition.js';
export {
  isFinished,
  rowKey,
  type BranchOp,
  type BranchRow,
  type BranchStatus,
  type CallKey,
  type GlobalStatus,
  type Head,
  type HeadState,
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
  TransactionEvent,
} from './transaction/machine.js';
export type { RetryDefaults, RetryPolicy } from './retry/retry-policy.js';
