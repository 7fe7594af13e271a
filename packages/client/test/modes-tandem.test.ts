import { describe } from 'vitest';
import { startTandem } from './coordinator-processes.js';
import { tccCases } from './tcc-cases.js';
import { workflowCases } from './workflow-cases.js';

describe("Tandem's server", () => {
  tccCases(startTandem);
  workflowCases(startTandem);
});
