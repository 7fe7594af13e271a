export type { BranchCall, BranchCaller, Clock, CoordinatorEvents, Random } from './ports.js';
export type {
  CoordinatorOptions,
  CoordinatorPolicy,
  CoordinatorVerbs,
  TransactionPage,
  TransactionRequest,
  TransactionView,
  TypePolicy,
} from './coordinator-api.js';
