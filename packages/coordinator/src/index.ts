export { Coordinator } from './coordinator.js';
export { defaultPolicy } from './policy.js';
export { systemClock } from './system-clock.js';
export { systemRandom } from './system-random.js';
export type { BranchCall, BranchCaller, Clock, CoordinatorEvents, Random } from './ports.js';
export type {
  CoordinatorOptions,
  CoordinatorPolicy,
  CoordinatorVerbs,
  TransactionPage,
  TransactionRequest,
  TransactionView,
  TypePolicy,
  WorkflowProgress,
} from './coordinator-api.js';
