import { describe } from 'vitest';
import { byGrpc } from './client-at.js';
import { coordinatorCases } from './coordinator-cases.js';
import { tccCases } from './tcc-cases.js';
import { workflowCases } from './workflow-cases.js';

describe("Tandem's server by gRPC", () => {
  coordinatorCases(byGrpc);
  tccCases(byGrpc);
  workflowCases(byGrpc, { tellsContent: false });
});
