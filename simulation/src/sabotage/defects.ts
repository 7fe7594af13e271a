import { coordinatorDefects } from './coordinator-defects.js';
import type { Defect } from './defect.js';
import { protocolDefects } from './protocol-defects.js';
import { storeDefects } from './store-defects.js';
import { twoPhaseDefects } from './two-phase-defects.js';
import { workflowDefects } from './workflow-defects.js';

/** Every deliberate defect. */
export const defects: readonly Defect[] = [
  ...storeDefects,
  ...coordinatorDefects,
  ...protocolDefects,
  ...twoPhaseDefects,
  ...workflowDefects,
];
