import { drawSeed } from '../draw/draw-seed.js';
import type { Problem } from '../oracles/problems.js';
import { runDraw } from '../run-draw.js';
import { Tally, type TallyName } from '../tally.js';

/** What came of some seeds; plain data, so that a thread can send it. */
export interface SeedsResult {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly counts: ReadonlyMap<TallyName, number>;
  readonly failure: { readonly seed: number; readonly problems: readonly Problem[] } | undefined;
}

/** Runs seeds one after the other, up to the first that fails. */
export async function runSeeds(from: number, count: number): Promise<SeedsResult> {
  const tally = new Tally();
  let virtualMs = 0;
  let events = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const verdict = await runDraw(drawSeed(seed));
    tally.add(verdict.tally.counts);
    virtualMs += verdict.virtualMs;
    events += verdict.events;
    if (verdict.problems.length > 0) {
      const failure = { seed, problems: verdict.problems };
      return { seeds: seed - from + 1, virtualMs, events, counts: tally.counts, failure };
    }
  }
  return { seeds: count, virtualMs, events, counts: tally.counts, failure: undefined };
}
