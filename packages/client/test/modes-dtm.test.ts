import { describe } from 'vitest';
import { byHttp } from './client-at.js';
import { startDtm } from './coordinator-processes.js';
import { tccCases } from './tcc-cases.js';
import { workflowCases } from './workflow-cases.js';

const binary = process.env['TANDEM_TEST_DTM_SERVER'];
if (binary === undefined) console.warn("DTM's server: NOT RUN, TANDEM_TEST_DTM_SERVER does not name its binary");

describe.skipIf(binary === undefined)("DTM's server (not run without TANDEM_TEST_DTM_SERVER)", () => {
  tccCases(byHttp(() => startDtm(binary ?? '')));
  workflowCases(byHttp(() => startDtm(binary ?? '')));
});
