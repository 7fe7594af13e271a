import { deadHost } from './dead-host.mjs';
import { footprint } from './footprint.mjs';
import { memory } from './memory.mjs';
import { recovery } from './recovery.mjs';
import { workflowSteps } from './workflow-steps.mjs';

/**
 * Scenarios that start, stop or kill the server themselves.
 * @type {Readonly<Record<string, (setting: import('./bench-setting.mjs').Setting) => Promise<unknown>>>}
 */
export const lifecycleScenarios = {
  recovery,
  memory,
  'dead-host': deadHost,
  footprint,
  'workflow-steps': workflowSteps,
};
