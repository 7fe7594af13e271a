import { durationMs } from '@tandem/client';
import type { Boundary, PlannedFault } from '../faults/fault.js';
import { nameOf } from '../faults/fault.js';
import { World } from '../world/world.js';
import type { EndedTransaction, ExploreOptions, Outcome } from './explore-options.js';
import type { FailedRun } from './failed-run.js';
import { surroundingsOf } from './surroundings.js';
import { UserProcess, type Ran } from './user-process.js';

export interface RunResult {
  readonly boundaries: readonly Boundary[];
  /** Faults that did not happen. */
  readonly pending: readonly PlannedFault[];
  readonly failure: FailedRun | undefined;
}

const settleMs = 3_600_000;

/** One run from its set-up to its invariant, with the planned faults. */
export async function oneRun<State, App, Value>(
  options: ExploreOptions<State, App, Value>,
  plan: readonly PlannedFault[],
  epochMs: number,
): Promise<RunResult> {
  const name = nameOf(plan);
  const realMs = durationMs('runTimeout', options.runTimeout ?? '10s');
  const world = new World({ plan, epochMs, realUntilMs: performance.now() + realMs });
  try {
    await lived(world, options, name);
    return { boundaries: world.boundaries.reached, pending: world.boundaries.pending, failure: undefined };
  } catch (error) {
    const failure: FailedRun = { name, error, story: world.story.lines };
    return { boundaries: world.boundaries.reached, pending: world.boundaries.pending, failure };
  } finally {
    world.close();
  }
}

async function lived<State, App, Value>(
  world: World,
  options: ExploreOptions<State, App, Value>,
  name: string,
): Promise<void> {
  await world.startCoordinator();
  const services = surroundingsOf(world, world.services);
  const state = await world.code.run('setUp', world.services, () => options.setUp(services, { name }));
  try {
    const process = new UserProcess(world, options, state);
    await process.start();
    world.boundaries.open();
    process.run();
    do await world.until(() => process.ran !== undefined && world.isQuiet);
    while (process.asksAgain());
    world.boundaries.close();
    await deliverLate(world);
    const outcome = outcomeOf(world, process.ran);
    world.story.tell(`the end: ${outcome.status}`);
    await options.invariant(state, outcome);
  } finally {
    await options.tearDown?.(state);
  }
}

/** What was on its way all the time arrives, long after everything else. */
async function deliverLate(world: World): Promise<void> {
  while (world.network.late.length > 0) {
    const [next] = world.network.late.splice(0, 1);
    if (next === undefined) return;
    await world.advance(settleMs);
    world.story.tell(`late: ${next.title}`);
    let isOver = false;
    void next
      .deliver()
      .catch(() => undefined)
      .then(() => (isOver = true));
    await world.until(() => isOver && world.isQuiet);
  }
}

function outcomeOf<Value>(world: World, ran: Ran<Value> | undefined): Outcome<Awaited<Value>> {
  const transactions = [...world.heads.values()].map(({ gid, type, status }): EndedTransaction => {
    return { gid, type, status: status === 'succeed' ? 'succeeded' : 'failed' };
  });
  const haveSucceeded = transactions.length > 0 && transactions.every(({ status }) => status === 'succeeded');
  return {
    status: haveSucceeded ? 'succeeded' : 'failed',
    transactions,
    value: ran?.kind === 'returned' ? (ran.value as Awaited<Value>) : undefined,
    error: ran?.kind === 'threw' ? ran.error : undefined,
  };
}
