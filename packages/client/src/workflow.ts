/**
 * Workflows: code of this service whose steps are recorded, so that it goes on after a crash. An entry of its own for its size.
 *
 * @module
 */
import type { Client } from './client.js';
import { Workflows, type WorkflowsOptions } from './workflow/workflows.js';

export type { FinalStep, PivotedSaga, SagaStepCall, SagaWorkflow, UndoableStep } from './workflow/saga-workflow.js';
export type { GrpcMethodDefinition, GrpcStep } from './workflow/grpc-step.js';
export type { LocalStep, RemoteStep, SecondCall, StepCall, WorkflowScope } from './workflow/workflow-scope.js';
export type {
  DefineOptions,
  RunOptions,
  Workflow,
  WorkflowCode,
  Workflows,
  WorkflowsOptions,
} from './workflow/workflows.js';

/** The workflows of this service. Throws `INVALID_OPTION` where `url` is none; makes no call. */
export function createWorkflows(client: Client, options: WorkflowsOptions): Workflows {
  return new Workflows(client.connection, options);
}
