import { SeededRandom } from '../seeded-random.js';
import { typeModels } from '../types/type-models.js';
import type { Draw, NetworkDraw, PolicyDraw, StoreDraw } from './draw.js';
import { drawIncidents } from './draw-incidents.js';

/** What a seed decides: its own mixture of sizes, limits and faults. Most faults are off in most seeds. */
export function drawSeed(seed: number): Draw {
  const random = new SeededRandom(seed, 'draw');
  const nodes = random.pick([1, 2, 2, 3]);
  const hosts = random.between(1, 4);
  const troubleMs = random.pick([5_000, 10_000, 20_000]);
  const policy = drawPolicy(random);
  const topics = drawTopics(random, hosts);
  const sizes = { nodes, hosts, troubleMs, topics: Object.keys(topics) };
  const count = 1 + random.skewed(0, 15);
  const transactions = random.list(count, (index) => {
    const model = random.pick(typeModels);
    return model.draw(random, { ...sizes, gid: `${model.type}-${String(index + 1)}` });
  });
  const gids = transactions.map(({ gid }) => gid);
  const starts = transactions.map(({ asks }) => asks[0]?.at ?? 0);
  return {
    seed,
    nodes,
    hosts,
    troubleMs,
    policy,
    network: drawNetwork(random),
    store: drawStore(random),
    clockOffsetsMs: random.chance(0.4)
      ? random.list(nodes, () => random.between(0, policy.skewMs))
      : random.list(nodes, () => 0),
    topics,
    transactions,
    incidents: drawIncidents(random, { ...sizes, gids, starts, policy }),
  };
}

function drawPolicy(random: SeededRandom): PolicyDraw {
  const isTight = random.chance(0.3);
  const leaseMs = random.pick([3_000, 5_000, 20_000, 20_000]);
  return {
    leaseMs,
    skewMs: random.pick([300, 500, 1_000]),
    runningMax: isTight ? random.between(1, 6) : 3_072,
    pendingWritesMax: isTight && random.chance(0.3) ? random.between(1, 4) : 20_000,
    callsPerTargetMax: isTight ? random.between(1, 2) : 256,
    queuePerTargetMax: isTight ? random.between(0, 2) : 512,
    breakerFailures: random.pick([1, 2, 3, 8]),
    breakerOpenMs: random.pick([300, 2_000]),
    claimMax: isTight ? random.between(1, 3) : 256,
    claimIntervalMs: random.pick([700, 1_000, 3_000]),
    // Longer than any repeat, freeze and clock jump together: a repeat beyond it is a new transaction, as promised.
    retentionMs: random.chance(0.1) ? random.pick([140_000, 180_000]) : 0,
    resumeTimeoutMs: random.pick([2_000, 6_000, 20_000]),
    purgeIntervalMs: random.pick([1_000, 5_000]),
    batchItemsMax: random.chance(0.3) ? random.between(1, 3) : 256,
    batchesMax: random.chance(0.3) ? random.between(2, 3) : 1,
  };
}

function drawNetwork(random: SeededRandom): NetworkDraw {
  const share = (isOn: number, most: number): number => (random.chance(isOn) ? random.share() * most : 0);
  return {
    lose: share(0.4, 0.2),
    loseAnswer: share(0.4, 0.25),
    duplicate: share(0.4, 0.3),
    late: share(0.5, 0.3),
    usualMs: random.pick([0, 5, 50, 300]),
    lateMs: random.pick([1_000, 4_000, 12_000]),
    grainMs: random.pick([1, 1, 10, 100]),
  };
}

function drawStore(random: SeededRandom): StoreDraw {
  const share = (isOn: number, most: number): number => (random.chance(isOn) ? random.share() * most : 0);
  const faults = share(0.5, 0.1);
  return {
    failBefore: faults,
    loseReply: share(0.5, 0.1),
    splitBatch: share(0.3, 0.5),
    refuse: share(0.1, 0.1),
    lateClaims: share(0.1, 0.5),
    slow: share(0.5, 0.6),
    slowMs: random.pick([10, 60, 300, 1_500, 5_000]),
  };
}

function drawTopics(random: SeededRandom, hosts: number): Record<string, readonly number[]> {
  if (random.chance(0.6)) return {};
  const subscribers = random.list(hosts, (host) => host).filter(() => random.chance(0.7));
  return { prices: subscribers.length === 0 ? [0] : subscribers };
}
