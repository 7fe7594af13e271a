import type { Draw } from '../draw/draw.js';
import type { ProblemKind } from '../oracles/problems.js';
import { runDraw } from '../run-draw.js';
import { simplerDraws } from './simpler-draws.js';

export interface Shrunk {
  readonly draw: Draw;
  /** Runs that it took. */
  readonly runs: number;
}

const runsMax = 3_000;

/** Makes a failing draw smaller while a problem of the same kind remains. Deterministic, as the runs are. */
export async function shrinkDraw(failing: Draw, kind: ProblemKind): Promise<Shrunk> {
  let draw = failing;
  let runs = 0;
  for (let isSmaller = true; isSmaller && runs < runsMax;) {
    isSmaller = false;
    for (const candidate of simplerDraws(draw)) {
      if (runs >= runsMax) break;
      runs += 1;
      const { problems } = await runDraw(candidate);
      if (!problems.some((problem) => problem.kind === kind)) continue;
      draw = candidate;
      isSmaller = true;
      break;
    }
  }
  return { draw, runs };
}
