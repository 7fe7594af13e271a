import { describe } from 'vitest';
import { byHttp } from './client-at.js';
import { coordinatorCases } from './coordinator-cases.js';
import { startDtm } from './coordinator-processes.js';

const binary = process.env['TANDEM_TEST_DTM_SERVER'];
if (binary === undefined) console.warn("DTM's server: NOT RUN, TANDEM_TEST_DTM_SERVER does not name its binary");

describe.skipIf(binary === undefined)("DTM's server (not run without TANDEM_TEST_DTM_SERVER)", () => {
  coordinatorCases(
    byHttp(() => startDtm(binary ?? '')),
    { namesSteps: false },
  );
});
