import { describe } from 'vitest';
import { inProcess } from './client-at.js';
import { coordinatorCases } from './coordinator-cases.js';
import { tccCases } from './tcc-cases.js';
import { workflowCases } from './workflow-cases.js';

describe('a coordinator inside this process', () => {
  coordinatorCases(inProcess);
  tccCases(inProcess);
  workflowCases(inProcess);
});
