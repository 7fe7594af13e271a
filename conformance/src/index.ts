/** The suite for programs that start servers themselves. */
export { allCases } from './cases/all-cases.js';
export { differenceOf, expectedOf, type Case, type Difference, type Facts, type Verdict } from './case.js';
export { runCases, type Likeness, type Observation } from './run-cases.js';
export { wiresOf, type Wires } from './scene.js';
export type { WireName } from './wire/wire.js';
