/** What the draws of all types share. */
import type { StepDraw } from '../draw/draw.js';
import type { SeededRandom } from '../seeded-random.js';
import type { Scene } from './type-model.js';

/** How a step's participant behaves; most do what they are asked. */
export function drawStep(random: SeededRandom, mayRefuse: boolean): StepDraw {
  const share = (isOn: number, most: number): number => (random.chance(isOn) ? random.share() * most : 0);
  const refuses = random.share();
  return {
    refuses: refuses < 0.75 ? 'never' : refuses < 0.87 || !mayRefuse ? 'sometimes' : 'always',
    ongoing: share(0.15, 0.7),
    unclear: share(0.2, 0.7),
    unclearAfterEffect: share(0.2, 0.7),
  };
}

/** Intervals of seconds, so that what has to be tried again is tried again within the run. */
export function drawRetry(random: SeededRandom, thens: readonly [string, ...string[]]): Record<string, unknown> {
  const retry = {
    initial_ms: random.pick([200, 1_000, 3_000, 3_000]),
    max_ms: random.pick([3_000, 8_000]),
    factor: random.pick([1, 2]),
    ...(random.chance(0.25) ? { limit: random.below(4), then: random.pick(thens) } : {}),
  };
  // The longest is longer than any lease: it has to be renewed while the call is out.
  return { retry, request_timeout_ms: random.pick([500, 1_000, 3_000, 12_000, 12_000]) };
}

export function hostUrl(host: number, path: string): string {
  return `http://h${String(host)}/${path}`;
}

/** When the world's clients begin: early enough for trouble to hit. */
export function drawStart(random: SeededRandom, { troubleMs }: Scene): number {
  return random.chance(0.3) ? 0 : random.below(Math.ceil(troubleMs * 0.7));
}

/** `01`, `02`, ... `99`, `100`. */
export function branchId(index: number): string {
  return String(index + 1).padStart(2, '0');
}
