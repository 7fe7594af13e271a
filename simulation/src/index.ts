export type { Draw, Incident, StepDraw, TransactionDraw } from './draw/draw.js';
export { drawSeed } from './draw/draw-seed.js';
export { runDraw, type RunOptions, type Verdict } from './run-draw.js';
export type { Problem, ProblemKind } from './oracles/problems.js';
export { faultNames, pathNames, Tally, type TallyName } from './tally.js';
export { shrinkDraw, type Shrunk } from './shrink/shrink-draw.js';
