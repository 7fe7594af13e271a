import { allFaults, nameOf, type Fault, type PlannedFault } from '../faults/fault.js';
import { InvalidUse } from '@tandem/client';
import type { Exploration, ExploreOptions } from './explore-options.js';
import { ExplorationFailed, type FailedRun } from './failed-run.js';
import { oneRun, type RunResult } from './one-run.js';

type Plan = readonly PlannedFault[];

/**
 * Runs your code once, notes its boundaries (each write of the coordinator, each call and each verb), and runs it again with a
 * fault at each: a crash, a duplicate, a late or a lost call. Rejects with `ExplorationFailed` where `invariant` throws, or a
 * run does not come to its end; its message names the runs and tells the story of the first.
 */
export async function explore<State, App = undefined, Value = unknown>(
  options: ExploreOptions<State, App, Value>,
): Promise<Exploration> {
  checkOptions(options);
  // The same for all runs: what depends on the day finds the same day in each.
  const epochMs = Date.now();
  const run = (plan: Plan): Promise<RunResult> => oneRun(options, plan, epochMs);
  const first = await run([]);
  if (first.failure !== undefined) throw new ExplorationFailed([first.failure], 1);
  if (first.boundaries.length === 0) {
    throw new InvalidUse('INVALID_OPTION', 'run began no transaction: nothing can be explored', first.error);
  }
  const rounds = new Rounds(options, run);
  await rounds.explore(plansAfter([], first, options));
  const isDeep = options.depth === 2 || options.only?.includes('; ') === true;
  if (isDeep) await rounds.explore(rounds.pairs);
  rounds.check();
  return {
    boundaries: first.boundaries.map(({ title }) => title),
    runs: [nameOf([]), ...rounds.names],
    leftOut: rounds.leftOut,
    missed: rounds.missed,
  };
}

class Rounds<State, App, Value> {
  readonly names: string[] = [];
  readonly missed: string[] = [];
  readonly pairs: Plan[] = [];
  leftOut = 0;
  readonly #options: ExploreOptions<State, App, Value>;
  readonly #run: (plan: Plan) => Promise<RunResult>;
  readonly #failures: FailedRun[] = [];

  constructor(options: ExploreOptions<State, App, Value>, run: (plan: Plan) => Promise<RunResult>) {
    this.#options = options;
    this.#run = run;
  }

  async explore(plans: readonly Plan[]): Promise<void> {
    const { only, runsMax = 1_000, failuresMax = 5 } = this.#options;
    const wanted = plans.filter(
      (plan) => only === undefined || only === nameOf(plan) || only.startsWith(`${nameOf(plan)};`),
    );
    const chosen = evenly(wanted, Math.max(0, runsMax - this.names.length));
    this.leftOut += wanted.length - chosen.length;
    for (const plan of chosen) {
      if (this.#failures.length >= failuresMax) return;
      const name = nameOf(plan);
      const result = await this.#run(plan);
      this.names.push(name);
      if (result.failure !== undefined) this.#failures.push(result.failure);
      else if (result.pending.length > 0) this.missed.push(name);
      else if (plan.length === 1) this.pairs.push(...plansAfter(plan, result, this.#options));
    }
  }

  /** Throws what failed; and where `only` named no run. */
  check(): void {
    if (this.#failures.length > 0) throw new ExplorationFailed(this.#failures, this.names.length + 1);
    const { only } = this.#options;
    if (only !== undefined && !this.names.includes(only)) {
      throw new InvalidUse('INVALID_OPTION', `no run is named "${only}"`);
    }
  }
}

/** Each fault at each boundary that comes after those of `before`. */
function plansAfter(before: Plan, { boundaries }: RunResult, options: FaultChoice): readonly Plan[] {
  const last = before.at(-1)?.boundary.number ?? 0;
  return boundaries
    .filter(({ number }) => number > last)
    .flatMap((boundary) => boundary.faults.map((fault) => ({ boundary, fault })))
    .filter(({ fault }) => isWanted(fault, options))
    .map((planned): Plan => [...before, planned]);
}

function checkOptions({ faults = [], depth = 1 }: FaultChoice & { readonly depth?: number }): void {
  const unknown = faults.find((fault) => !allFaults.includes(fault));
  if (unknown !== undefined) {
    throw new InvalidUse('INVALID_OPTION', `there is no fault "${unknown}": ${allFaults.join(', ')}`);
  }
  if (depth !== 1 && depth !== 2) throw new InvalidUse('INVALID_OPTION', `depth is 1 or 2, not ${String(depth)}`);
}

interface FaultChoice {
  readonly faults?: readonly Fault[];
  readonly repeat?: boolean;
}

const repeating: readonly Fault[] = ['dies and repeats before', 'dies and repeats after'];

function isWanted(fault: Fault, { faults = allFaults, repeat = false }: FaultChoice): boolean {
  return faults.includes(fault) && (repeat || !repeating.includes(fault));
}

/** So many of them, from the first to the last. */
function evenly<T>(all: readonly T[], countMax: number): readonly T[] {
  if (all.length <= countMax) return all;
  return all.filter(
    (_, index) => Math.floor((index * countMax) / all.length) !== Math.floor(((index - 1) * countMax) / all.length),
  );
}
