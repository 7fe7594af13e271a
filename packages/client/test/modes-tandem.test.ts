import { describe } from 'vitest';
import { byHttp } from './client-at.js';
import { startTandem } from './coordinator-processes.js';
import { tccCases } from './tcc-cases.js';
import { workflowCases } from './workflow-cases.js';

describe("Tandem's server", () => {
  tccCases(byHttp(startTandem));
  workflowCases(byHttp(startTandem));
});
