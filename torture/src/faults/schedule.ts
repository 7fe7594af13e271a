/**
 * Strikes faults until the time is over. Each lane goes through all of its faults in an order drawn from the seed, then
 * through all again in another: so each kind comes early, and each follows upon each other sooner or later.
 */
import type { Random } from '../random.js';
import type { Fault, World } from './fault.js';

export interface Schedule {
  readonly faults: readonly Fault[];
  readonly random: Random;
  readonly untilMs: number;
  readonly stop: AbortSignal;
  /** Pause between two faults of a lane: from 0 to this. */
  readonly pauseMsMax: number;
}

/**
 * Answers how often each struck. Every lane strikes each of its faults at least once, even if it takes longer than
 * asked for.
 */
export async function strikeAll(world: World, schedule: Schedule): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>(schedule.faults.map(({ name }) => [name, 0]));
  const lanes = ['coordinator', 'bank'] as const;
  await Promise.all(lanes.map((lane) => strikeLane(world, schedule, lane, counts)));
  return counts;
}

async function strikeLane(
  world: World,
  { faults, random, untilMs, stop, pauseMsMax }: Schedule,
  lane: Fault['lane'],
  counts: Map<string, number>,
): Promise<void> {
  const own = faults.filter((fault) => fault.lane === lane);
  const chance = random.fork(lane);
  for (let round = 0; own.length > 0; round += 1) {
    for (const fault of chance.shuffled(own)) {
      await world.pause(chance.integer(0, pauseMsMax));
      if (stop.aborted || (round > 0 && performance.now() >= untilMs)) return;
      if (lane === 'coordinator') world.recoveries.disturbed();
      await fault.strike(world, chance.fork(`${fault.name} ${String(round)}`));
      counts.set(fault.name, (counts.get(fault.name) ?? 0) + 1);
    }
    if (performance.now() >= untilMs) return;
  }
  await world.pause(Math.max(0, untilMs - performance.now()));
}
