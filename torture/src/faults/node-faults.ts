/** What happens to one of several coordinators on one store, while the others go on; and to the store under them all. */
import type { ClusterNode } from '../cluster/open-nodes.js';
import { timing } from '../processes/coordinator-process.js';
import type { Random } from '../random.js';
import type { Fault, Missing, World } from './fault.js';

export const oneNodeOnly: Missing = { why: 'there is one coordinator', whatHelps: '--nodes 3 --store postgres' };

/** Longer than the leases of the node last, so that others have taken its transactions over. */
function beyondLeaseMs(random: Random): number {
  return timing.leaseSeconds * 1_000 + random.integer(300, 1_500);
}

function nodeFault(name: string, strike: (world: World, node: ClusterNode, random: Random) => Promise<void>): Fault {
  return {
    name,
    lane: 'coordinator',
    missing: ({ nodes }) => (nodes.length === 0 ? oneNodeOnly : undefined),
    strike: async (world, random) => {
      await world.pause(random.integer(0, 500));
      await strike(world, random.pick(world.nodes), random);
    },
  };
}

export const killNode = nodeFault('node-kill', async ({ log, recoveries, pause }, { process }, random) => {
  log(`kill -9 of ${process.name}`);
  recoveries.killed();
  process.holdDown();
  await process.kill();
  // Half of the times it is back before its leases have ended.
  await pause(random.chance(0.5) ? 0 : beyondLeaseMs(random));
  process.release();
  await process.untilServing();
});

export const freezeNode = nodeFault('node-freeze', async ({ log, pause }, { process }, random) => {
  const lastsMs = beyondLeaseMs(random);
  log(`SIGSTOP of ${process.name} for ${String(lastsMs)} ms`);
  process.freeze();
  await pause(lastsMs);
  process.thaw();
  log(`SIGCONT of ${process.name}`);
});

/** What it had written arrives when the others have gone on without it. */
export const cutNode = nodeFault('node-cut', async ({ log, pause }, { process, gate }, random) => {
  const lastsMs = beyondLeaseMs(random);
  log(`${process.name} is cut off from the store for ${String(lastsMs)} ms`);
  gate.cut();
  await pause(lastsMs);
  gate.mend();
  log(`${process.name} reaches the store again`);
  await process.untilServing();
});

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  lane: 'coordinator',
  missing: ({ nodes }) => (nodes.length === 0 ? oneNodeOnly : undefined),
  strike: async ({ nodes, log }) => {
    for (const { process } of nodes) {
      log(`SIGTERM of ${process.name}`);
      await process.restart();
      await process.untilServing();
    }
  },
};

export const killStore: Fault = {
  name: 'store-kill',
  lane: 'coordinator',
  missing: ({ killStore: kill }) =>
    kill === undefined
      ? { why: 'the store is not an engine of its own', whatHelps: '--nodes 3 --store postgres' }
      : undefined,
  strike: async ({ nodes, log, pause, killStore: kill }, random) => {
    await pause(random.integer(0, 500));
    log('kill -9 of the engine of the store');
    await kill?.();
    await Promise.all(nodes.map(({ process }) => process.untilServing()));
  },
};

export const nodeFaults: readonly Fault[] = [killNode, freezeNode, cutNode, rollingRestart, killStore];
