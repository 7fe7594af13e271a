import type { AskDraw, TransactionDraw, WorkflowDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import { drawRetry, drawStart, drawStep, hostUrl } from './draw-parts.js';
import { branchId } from './draw-parts.js';
import type { Scene } from './type-model.js';

/** What its service is told to run, and with which data. */
export const workflowName = 'flow';
export const workflowData = 'the data of the flow';

/** One workflow: a service that runs its code, may die between any two of its steps, and may run it beside itself. */
export function drawWorkflow(random: SeededRandom, scene: Scene): TransactionDraw {
  const count = 1 + random.skewed(0, 4);
  const home = random.below(scene.hosts);
  const custom = { name: workflowName, data: Buffer.from(workflowData).toString('base64') };
  return {
    gid: scene.gid,
    type: 'workflow',
    body: {
      trans_type: 'workflow',
      query_prepared: hostUrl(home, 'resume'),
      custom_data: JSON.stringify(custom),
      ...drawRetry(random, ['pause']),
    },
    steps: random.list(count, () => drawStep(random, random.chance(0.5))),
    branches: random.list(count, (index) => ({ id: branchId(index), host: random.below(scene.hosts) })),
    workflow: drawCode(random, count),
    asks: drawAsks(random, scene),
    local: undefined,
  };
}

function drawCode(random: SeededRandom, count: number): WorkflowDraw {
  return {
    kinds: random.list(count, () => random.pick(['saga', 'tcc', 'xa'] as const)),
    dies: random.chance(0.5) ? random.pick([0.03, 0.1, 0.3]) : 0,
    thinkMs: random.pick([0, 10, 100, 800]),
    hasOwnResults: random.chance(0.4),
  };
}

/** Each ask runs the code once, from its beginning. */
function drawAsks(random: SeededRandom, scene: Scene): AskDraw[] {
  const start = drawStart(random, scene);
  const runs = random.chance(0.4) ? random.between(2, 3) : 1;
  return random.list(runs, (index) => ({
    at: start + (index === 0 ? 0 : random.skewed(0, 6_000)),
    node: random.below(scene.nodes),
    verb: 'prepare',
    waitMs: random.chance(0.3) ? random.between(1, 3_000) : 0,
  }));
}
