/** One world from its beginning to its end: trouble, then calm in which everything has to finish. */
import type { Draw } from './draw/draw.js';
import { planIncidents } from './faults/incidents.js';
import { checkRest, isAtRest, resumePaused } from './oracles/rest-oracle.js';
import { checkQueues } from './oracles/queue-oracle.js';
import type { Problem } from './oracles/problems.js';
import { takeTurns } from './take-turns.js';
import type { Tally } from './tally.js';
import { typeModelOf } from './types/type-models.js';
import { World } from './world.js';

export interface Verdict {
  readonly problems: readonly Problem[];
  readonly transcript: readonly string[];
  readonly tally: Tally;
  /** Ms that passed in the world. */
  readonly virtualMs: number;
  /** Events that happened. */
  readonly events: number;
}

export interface RunOptions {
  readonly isTranscribed?: boolean;
}

/** How long after the last fault everything must have finished: the longest lease, breaker and back-off, and then some. */
const finishMs = 240_000;
/** A clock may have been so far ahead when it said when something ended. */
const clocksApartMs = 40_000;
const lookMs = 1_000;
const lookAtQueuesEvery = 16;
/** A node stops when its grace is over and the claim that is under way has been answered, a lease too late perhaps. */
const stopMs = 15_000;
const resumeEveryMs = 5_000;

export async function runDraw(draw: Draw, options: RunOptions = {}): Promise<Verdict> {
  const world = new World(draw, options.isTranscribed === true);
  let events = 0;
  const until = async (end: number): Promise<void> => {
    await takeTurns(() => {
      if (world.problems.any || !world.heat.turned()) return false;
      events += 1;
      if (events % lookAtQueuesEvery === 0) checkQueues(world);
      return world.time.next(end);
    });
  };
  await world.truth.migrate();
  await subscribeAll(world);
  for (const offsetMs of draw.clockOffsetsMs) if (offsetMs > 0) world.tally.count('clockSkew');
  for (const place of world.places) place.start();
  for (const tx of draw.transactions) typeModelOf(tx.type).act(tx, world);
  planIncidents(world);
  await until(draw.troubleMs);
  world.calm();
  for (const place of world.places) {
    // A clock that is behind is put right; one that is ahead stays so until the others have caught up with it.
    if (place.offsetMs < 0) place.jump(-place.offsetMs);
    place.node?.process.spare();
    place.start();
  }
  const end = world.time.now + finishMs;
  let resumedAt = -Infinity;
  while (!world.problems.any && world.time.now < end && !isAtRest(world)) {
    if (world.time.now - resumedAt >= resumeEveryMs) {
      resumePaused(world);
      resumedAt = world.time.now;
    }
    await until(world.time.now + lookMs);
  }
  if (!world.problems.any) checkRest(world);
  if (!world.problems.any && draw.policy.retentionMs > 0) await purgeAll(world, until);
  if (!world.problems.any) await stopAll(world, until);
  return {
    problems: world.problems.list,
    transcript: world.transcript.lines,
    tally: world.tally,
    virtualMs: world.time.now,
    events,
  };
}

async function subscribeAll({ draw, truth }: World): Promise<void> {
  for (const [topic, hosts] of Object.entries(draw.topics)) {
    const subscribers = hosts.map((host) => ({ url: `http://h${String(host)}/act`, remark: '' }));
    await truth.putKeyValue('topics', topic, JSON.stringify(subscribers), 0, 0);
  }
}

/** What has finished goes when its time has come. */
async function purgeAll(world: World, until: (end: number) => Promise<void>): Promise<void> {
  const { retentionMs, purgeIntervalMs } = world.draw.policy;
  await until(world.time.now + retentionMs + clocksApartMs + 3 * purgeIntervalMs);
  const left = [...world.ledger.records.values()].filter(({ isPurged }) => !isPurged);
  for (const { gid } of left) world.problems.add('purge', `${gid} is never purged`);
}

/** Every node stops in order, and in time. */
async function stopAll(world: World, until: (end: number) => Promise<void>): Promise<void> {
  let stopped = 0;
  const nodes = world.places.flatMap((place) => (place.node === undefined ? [] : [place.node]));
  for (const { coordinator } of nodes) void coordinator.close(1_000).then(() => (stopped += 1));
  await until(world.time.now + world.draw.policy.leaseMs + stopMs);
  if (stopped < nodes.length) world.problems.add('leak', 'a node does not stop');
}
