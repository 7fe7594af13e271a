import type { AskDraw, TransactionDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import { drawBranches } from './branch-draw.js';
import { drawRetry, drawStart, drawStep } from './draw-parts.js';
import type { Scene } from './type-model.js';

/** One TCC or XA with its caller, who may die at any point and leave the decision to the time limit. */
export function drawTwoPhase(random: SeededRandom, scene: Scene, type: 'tcc' | 'xa'): TransactionDraw {
  const count = 1 + random.skewed(0, 4);
  const local = random.pick(['commits', 'commits', 'commits', 'rollsBack', 'isForgotten'] as const);
  return {
    gid: scene.gid,
    type,
    body: {
      trans_type: type,
      ...drawRetry(random, ['pause', 'rollback', 'fail']),
      timeout_to_fail_ms: random.pick([1_000, 5_000, 8_000, 8_000]),
    },
    // A caller gives up at the first branch that is unclear: most have to be clear for anything to be confirmed.
    steps: random.list(count, () => ({
      ...drawStep(random, random.chance(0.4)),
      unclear: random.chance(0.1) ? 0.5 : 0,
    })),
    branches: drawBranches(random, scene, count, 0.3),
    asks: drawAsks(random, scene, local),
    local,
  };
}

/** Prepares count from the world's beginning, the decision from the end of the last branch's beginning. */
function drawAsks(random: SeededRandom, scene: Scene, local: TransactionDraw['local']): AskDraw[] {
  const start = drawStart(random, scene);
  const ask = (at: number, verb: AskDraw['verb']): AskDraw => ({
    at,
    node: random.below(scene.nodes),
    verb,
    waitMs: verb === 'submit' && random.chance(0.5) ? random.between(1, 6_000) : 0,
  });
  const prepares = random.list(random.between(1, 3), (index) => ask(start + index * random.below(2_000), 'prepare'));
  const verb = local === 'commits' ? 'submit' : 'abort';
  const decisions = random.list(random.between(1, 3), () => ask(random.skewed(0, 4_000), verb));
  // Who has confirmed may not call it off; who asks all the same is refused, or was the first to decide.
  const opposite = random.chance(0.3) ? [ask(random.skewed(0, 4_000), 'abort')] : [];
  return [...prepares, ...decisions, ...opposite];
}
