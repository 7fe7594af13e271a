import type { Fault, World } from './fault.js';

const killsAtStart = 3;
const burstSize = 150;

async function kill({ coordinator, recoveries }: World): Promise<void> {
  recoveries.killed();
  await coordinator.kill();
}

export const killAtRandom: Fault = {
  name: 'kill',
  lane: 'coordinator',
  strike: async (world, random) => {
    await world.pause(random.integer(0, 300));
    world.log('kill -9 of the coordinator');
    await kill(world);
    await world.coordinator.untilServing();
  },
};

/** While it opens its store, migrates, claims, and in the first milliseconds in which it serves. */
export const killAtStart: Fault = {
  name: 'kill-at-start',
  lane: 'coordinator',
  strike: async (world, random) => {
    for (let count = 0; count < killsAtStart; count += 1) {
      const starts = world.coordinator.starts;
      await kill(world);
      const afterServing = count === killsAtStart - 1;
      if (afterServing) await world.coordinator.untilServing();
      else await world.coordinator.untilStarted(starts + 1);
      const delayMs = random.integer(0, afterServing ? 15 : 350);
      await world.pause(delayMs);
      world.log(`kill -9 of the coordinator ${String(delayMs)} ms after it ${afterServing ? 'served' : 'was started'}`);
    }
    await kill(world);
    await world.coordinator.untilServing();
  },
};

export const killInBurst: Fault = {
  name: 'kill-in-burst',
  lane: 'coordinator',
  strike: async (world, random) => {
    const delayMs = random.integer(5, 120);
    world.clients.burst(burstSize, random);
    await world.pause(delayMs);
    world.log(`kill -9 of the coordinator ${String(delayMs)} ms into a burst of ${String(burstSize)} submits`);
    await kill(world);
    await world.coordinator.untilServing();
  },
};
