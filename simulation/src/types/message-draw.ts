import type { AskDraw, TransactionDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import { drawRetry, drawStart, drawStep, hostUrl } from './draw-parts.js';
import type { Scene } from './type-model.js';

/** One message, prepared beside its sender's own transaction or submitted at once. The sender lives at host 0. */
export function drawMessage(random: SeededRandom, scene: Scene): TransactionDraw {
  const isPrepared = random.chance(0.6);
  const count = 1 + random.skewed(0, 3);
  const [topic] = scene.topics;
  const actions = random.list(count, () =>
    topic !== undefined && random.chance(0.4) ? `topic://${topic}` : hostUrl(random.below(scene.hosts), 'act'),
  );
  const local = random.pick(['commits', 'commits', 'commits', 'rollsBack', 'isForgotten'] as const);
  return {
    gid: scene.gid,
    type: 'msg',
    body: {
      trans_type: 'msg',
      query_prepared: hostUrl(0, 'check'),
      concurrent: random.chance(0.3),
      steps: actions.map((action) => ({ action, ...(random.chance(0.15) ? { async: true } : {}) })),
      payloads: actions.map((_, index) => JSON.stringify({ step: index })),
      ...drawRetry(random, ['pause', 'rollback', 'fail']),
      timeout_to_fail_ms: random.pick([500, 2_000, 5_000]),
      check_interval_ms: random.pick([500, 2_000]),
      ...(random.chance(0.2) ? { delay_ms: random.between(100, 4_000) } : {}),
    },
    steps: actions.map(() => drawStep(random, false)),
    asks: isPrepared ? drawPreparedAsks(random, scene, local) : drawDirectAsks(random, scene),
    local: isPrepared ? local : undefined,
  };
}

function ask(random: SeededRandom, scene: Scene, at: number, verb: AskDraw['verb']): AskDraw {
  const waitMs = verb === 'submit' && random.chance(0.5) ? random.between(1, 6_000) : 0;
  return { at, node: random.below(scene.nodes), verb, waitMs };
}

function drawDirectAsks(random: SeededRandom, scene: Scene): AskDraw[] {
  const start = drawStart(random, scene);
  const repeats = random.chance(0.5) ? random.between(1, 3) : 0;
  const asks = [
    ask(random, scene, start, 'submit'),
    ...random.list(repeats, () => ask(random, scene, start + random.skewed(0, 8_000), 'submit')),
  ];
  if (random.chance(0.1)) {
    asks.push({ ...ask(random, scene, start + random.skewed(0, 8_000), 'submit'), isOther: true });
  }
  if (random.chance(0.2))
    asks.push(ask(random, scene, start + random.skewed(0, 8_000), random.pick(['abort', 'prepare'])));
  return asks;
}

/** Prepares count from the world's beginning, what follows from the end of the local transaction. */
function drawPreparedAsks(random: SeededRandom, scene: Scene, local: TransactionDraw['local']): AskDraw[] {
  const start = drawStart(random, scene);
  const asks = random.list(random.between(1, 4), (index) =>
    ask(random, scene, start + index * random.below(3_000), 'prepare'),
  );
  if (random.chance(0.1)) asks.push({ ...ask(random, scene, start + random.below(4_000), 'prepare'), isOther: true });
  const then = local === 'commits' ? 'submit' : 'abort';
  // A client that dies in between says nothing: then the back-check has to find out.
  if (local !== 'isForgotten' && random.chance(0.7)) {
    asks.push(...random.list(random.between(1, 4), () => ask(random, scene, random.skewed(0, 6_000), then)));
  }
  const opposite = then === 'submit' ? 'abort' : 'submit';
  if (random.chance(0.08)) asks.push(ask(random, scene, random.skewed(0, 6_000), opposite));
  return asks;
}
