import type { Draw } from '../draw/draw.js';
import { simplerDraws } from './simpler-draws.js';

export interface Shrunk {
  readonly draw: Draw;
  /** Runs that it took. */
  readonly runs: number;
}

const runsMax = 3_000;

/** Makes a failing draw smaller for as long as what is left still fails. As deterministic as `fails` is. */
export async function shrinkDraw(failing: Draw, fails: (draw: Draw) => Promise<boolean>): Promise<Shrunk> {
  let draw = failing;
  let runs = 0;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of simplerDraws(draw)) {
      if (runs >= runsMax) return { draw, runs };
      runs += 1;
      if (!(await fails(candidate))) continue;
      draw = candidate;
      isSmaller = true;
      break;
    }
  }
  return { draw, runs };
}
