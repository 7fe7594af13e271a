import { coordinatorDefects } from './coordinator-defects.js';
import type { Defect } from './defect.js';
import { memoryDefects } from './memory-defects.js';
import { protocolDefects } from './protocol-defects.js';
import { storeDefects } from './store-defects.js';
import { twoPhaseDefects } from './two-phase-defects.js';
import { workflowDefects } from './workflow-defects.js';

/** Every deliberate defect. */
export const defects: readonly Defect[] = [
  ...storeDefects,
  ...coordinatorDefects,
  ...memoryDefects,
  ...protocolDefects,
  ...twoPhaseDefects,
  ...workflowDefects,
];
