/**
 * Tests of transactions: a coordinator with virtual time, and a run with a fault at each of its boundaries.
 *
 * @module
 */
export { explore } from './explore/explore.js';
export { ExplorationFailed, type FailedRun } from './explore/failed-run.js';
export type {
  CommittingDatabase,
  EndedTransaction,
  Exploration,
  ExploreOptions,
  Outcome,
  ProcessSurroundings,
  Surroundings,
} from './explore/explore-options.js';
export type { Fault } from './faults/fault.js';
export { createTestCoordinator, type TestCoordinator, type TestCoordinatorOptions } from './test-coordinator.js';
export { NotQuiet } from './world/not-quiet.js';
export type { Handlers } from './world/services.js';
