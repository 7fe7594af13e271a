import { durationMs, InvalidUse } from '@tandem/client';
import type { Boundary, PlannedFault } from '../faults/fault.js';
import { nameOf } from '../faults/fault.js';
import { typeName } from '../world/type-name.js';
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
  /** What `run` threw. */
  readonly error: unknown;
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
    const error = await lived(world, options, name);
    return { boundaries: world.boundaries.reached, pending: world.boundaries.pending, failure: undefined, error };
  } catch (error) {
    const failure: FailedRun = { name, error, story: world.story.lines };
    return { boundaries: world.boundaries.reached, pending: world.boundaries.pending, failure, error };
  } finally {
    world.close();
  }
}

async function lived<State, App, Value>(
  world: World,
  options: ExploreOptions<State, App, Value>,
  name: string,
): Promise<unknown> {
  await world.startCoordinator();
  const services = surroundingsOf(world, world.services);
  const state = await world.code.run('setUp', world.services, () => options.setUp(services, { name }));
  let hasPassed = false;
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
    if (outcome.error instanceof InvalidUse) throw outcome.error;
    world.story.tell(`the end: ${outcome.status}`);
    await options.invariant(state, outcome);
    hasPassed = true;
    return outcome.error;
  } finally {
    await tornDown(options, state, hasPassed);
  }
}

/** What went wrong before goes before what goes wrong here. */
async function tornDown<State, App, Value>(
  options: ExploreOptions<State, App, Value>,
  state: State,
  hasPassed: boolean,
): Promise<void> {
  try {
    await options.tearDown?.(state);
  } catch (error) {
    if (hasPassed) throw error;
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

function outcomeOf<Value>(world: World, ran: Ran<Value> | undefined): Outcome<Value> {
  const transactions = [...world.heads.values()].map(({ gid, type, status }): EndedTransaction => {
    return { gid, type: typeName(type), status: status === 'succeed' ? 'succeed' : 'failed' };
  });
  const haveSucceeded = transactions.length > 0 && transactions.every(({ status }) => status === 'succeed');
  return {
    status: haveSucceeded ? 'succeed' : 'failed',
    transactions,
    value: ran?.kind === 'returned' ? ran.value : undefined,
    error: ran?.kind === 'threw' ? ran.error : undefined,
  };
}
