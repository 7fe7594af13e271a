import type { AskDraw, TransactionDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import { drawRetry, drawStart, drawStep, hostUrl } from './draw-parts.js';
import type { Scene } from './type-model.js';

/** One saga with its client, who may ask again, ask at another node, or not care for the answer. */
export function drawSaga(random: SeededRandom, scene: Scene): TransactionDraw {
  const count = 1 + random.skewed(0, 5);
  const isConcurrent = random.chance(0.45);
  const orders = isConcurrent && random.chance(0.6) ? drawOrders(random, count) : undefined;
  const steps = random.list(count, () => random.below(scene.hosts));
  const url = (host: number, path: string): string => (random.chance(0.05) ? '' : hostUrl(host, path));
  return {
    gid: scene.gid,
    type: 'saga',
    body: {
      trans_type: 'saga',
      steps: steps.map((host) => ({ action: url(host, 'act'), compensate: url(host, 'undo') })),
      payloads: steps.map((host, index) => JSON.stringify({ step: index, host })),
      concurrent: isConcurrent,
      ...(orders === undefined ? {} : { custom_data: JSON.stringify({ concurrent: true, orders }) }),
      ...drawRetry(random, ['rollback', 'pause', 'fail']),
      ...(random.chance(0.2) ? { timeout_to_fail_ms: random.between(200, 8_000) } : {}),
    },
    steps: steps.map(() => drawStep(random, true)),
    asks: drawAsks(random, scene),
    local: undefined,
  };
}

function drawOrders(random: SeededRandom, count: number): Record<string, number[]> {
  const orders: Record<string, number[]> = {};
  for (let step = 1; step < count; step += 1) {
    const before = Array.from({ length: step }, (_, index) => index).filter(() => random.chance(0.4));
    if (before.length > 0) orders[String(step)] = before;
  }
  return orders;
}

function drawAsks(random: SeededRandom, scene: Scene): AskDraw[] {
  const start = drawStart(random, scene);
  const ask = (at: number, verb: AskDraw['verb']): AskDraw => ({
    at,
    node: random.below(scene.nodes),
    verb,
    waitMs: random.chance(0.5) ? random.between(1, 6_000) : 0,
  });
  const repeats = random.chance(0.5) ? random.between(1, 3) : 0;
  const asks = [ask(start, 'submit'), ...random.list(repeats, () => ask(start + random.skewed(0, 10_000), 'submit'))];
  if (random.chance(0.1)) asks.push({ ...ask(start + random.skewed(0, 8_000), 'submit'), isOther: true });
  // A saga takes no abort from outside: it must be refused, whenever it comes.
  if (random.chance(0.15)) asks.push(ask(start + random.skewed(0, 5_000), 'abort'));
  return asks;
}
