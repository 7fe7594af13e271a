export { ExampleProcess, type ChildProcessOptions, type StartProcess } from './child-process.js';
export {
  startCoordinator,
  untilServing,
  type CoordinatorOptions,
  type CoordinatorProcess,
} from './coordinator-process.js';
export { freePort } from './free-port.js';
export { isRunning } from './is-running.js';
export { Narrator, styled, type Style } from './narrator.js';
export { Part } from './part.js';
export { serve, setting, tellReady } from './serve.js';
export { startService, type ServiceCommand } from './service-process.js';
