import type { SeededRandom } from '../seeded-random.js';
import type { Incident, PolicyDraw } from './draw.js';

interface Scene {
  readonly nodes: number;
  readonly hosts: number;
  readonly troubleMs: number;
  readonly topics: readonly string[];
  readonly gids: readonly string[];
  /** When the transactions begin. */
  readonly starts: readonly number[];
  readonly policy: PolicyDraw;
}

type Kind = (random: SeededRandom, scene: Scene) => Incident;

/** Mostly a little after some transaction has begun, since most of them do not live long. */
function moment(random: SeededRandom, { starts, troubleMs }: Scene): number {
  if (random.chance(0.25)) return random.below(troubleMs);
  return Math.min(troubleMs - 1, random.pick([0, ...starts]) + random.skewed(0, 4_000));
}

const operatorVerbs = ['pause', 'pause', 'resume', 'retryNow', 'wakeAll', 'look'] as const;

const crash: Kind = (random, scene) => ({
  kind: 'crash',
  at: moment(random, scene),
  node: random.below(scene.nodes),
  steps: random.skewed(1, 150),
  restartMs: random.pick([0, 50, 2_000, 10_000]),
});

const stop: Kind = (random, scene) => ({
  kind: 'stop',
  at: moment(random, scene),
  node: random.below(scene.nodes),
  graceMs: random.pick([0, 500, 5_000]),
});

const freeze: Kind = (random, scene) => ({
  kind: 'freeze',
  at: moment(random, scene),
  node: random.below(scene.nodes),
  forMs: random.chance(0.6)
    ? scene.policy.leaseMs + random.between(0, 6_000)
    : random.between(50, scene.policy.leaseMs),
});

/** Most stay within the allowance; the others are where some promises end. */
const clockJump: Kind = (random, scene) => ({
  kind: 'clockJump',
  at: moment(random, scene),
  node: random.below(scene.nodes),
  byMs: random.chance(0.6) ? random.between(1, scene.policy.skewMs) : random.pick([2_000, 10_000, 30_000, -70_000]),
});

const storeDown: Kind = (random, scene) => ({
  kind: 'storeDown',
  at: moment(random, scene),
  node: random.chance(0.5) ? 'all' : random.below(scene.nodes),
  forMs: random.pick([100, 1_000, 4_000, 10_000]),
});

const hostDown: Kind = (random, scene) => ({
  kind: random.chance(0.6) ? 'hostDown' : 'hostHangs',
  at: moment(random, scene),
  host: random.below(scene.hosts),
  forMs: random.pick([200, 2_000, 10_000]),
});

const operator: Kind = (random, scene) => ({
  kind: 'operator',
  at: moment(random, scene),
  node: random.below(scene.nodes),
  gid: random.pick(['', ...scene.gids]),
  verb: random.pick(operatorVerbs),
});

const force: Kind = (random, scene) =>
  ({ ...operator(random, scene), kind: 'operator', verb: 'forceStop' }) as Incident;

const topic: Kind = (random, scene) => ({
  kind: 'topic',
  at: moment(random, scene),
  node: random.below(scene.nodes),
  topic: scene.topics[0] ?? 'prices',
  host: random.below(scene.hosts),
  verb: random.pick(['subscribe', 'subscribe', 'unsubscribe', 'delete']),
});

/** Each kind with the chance that a seed has any of it, and how many it has then. */
const kinds: readonly (readonly [draw: Kind, chance: number, most: number])[] = [
  [crash, 0.45, 5],
  [stop, 0.1, 2],
  [freeze, 0.25, 3],
  [clockJump, 0.15, 2],
  [storeDown, 0.2, 2],
  [hostDown, 0.3, 3],
  [operator, 0.5, 12],
  [force, 0.12, 2],
  [topic, 0.3, 4],
];

/** The things that happen once, at their time, in this seed. */
export function drawIncidents(random: SeededRandom, scene: Scene): readonly Incident[] {
  return kinds
    .flatMap(([draw, chance, most]) =>
      random.chance(chance) ? random.list(random.between(1, most), () => draw(random, scene)) : [],
    )
    .sort((left, right) => left.at - right.at);
}
