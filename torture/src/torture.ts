/**
 * One run: starts the processes, lets clients work while faults strike, waits until all is finished, and reads the books.
 *
 * T1. Checks read what is on the disks, after the processes have ended; a process's own word counts for nothing.
 * T2. Once the faults have stopped, everything must finish, without anybody's help.
 * T3. `close` ends every process, however far the run came.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from './audit/audit.js';
import { faultsFor } from './faults/catalogue.js';
import type { Fault, World } from './faults/fault.js';
import { strikeAll } from './faults/schedule.js';
import { openWorld } from './open-world.js';
import type { TortureOptions } from './options.js';
import { Random } from './random.js';
import { RunLog } from './run-log.js';
import { finishTimeLimitMs, settle } from './settle.js';
import { summary, type Outcome } from './summary.js';

/** Runs of less than this keep the pauses between faults short, so that each kind gets its turn. */
const shortRunMinutes = 1;
const sabotagedTimeLimitMs = 3_000;

/** See the file head. */
export class Torture {
  readonly #options: TortureOptions;
  readonly #stop: AbortSignal;
  readonly #log: RunLog;
  readonly #random: Random;
  readonly #closings: (() => Promise<unknown>)[] = [];

  constructor(options: TortureOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
    this.#log = new RunLog(join(options.folder, 'torture.log'));
    this.#random = new Random(options.seed);
  }

  /** Answers whether every promise was kept. */
  async run(): Promise<boolean> {
    const chosen = chosenFaults(this.#options.faults, faultsFor(this.#options.nodes));
    this.#log.plain(`torture: seed ${String(this.#options.seed)}, ${String(this.#options.minutes)} minutes`);
    const world = await openWorld({
      options: this.#options,
      random: this.#random,
      log: this.#log,
      stop: this.#stop,
      owns: (close) => this.#closings.push(close),
    });
    let isRight = false;
    try {
      const outcome = await this.#torture(world, chosen);
      for (const line of summary(outcome)) this.#log.plain(line);
      isRight = outcome.checks.every(({ broken }) => broken.length === 0);
      return isRight;
    } finally {
      if (!isRight && !this.#stop.aborted) this.#keepData(world);
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closings) await close();
  }

  async #torture(world: World, chosen: readonly Fault[]): Promise<Outcome> {
    const { seed, minutes } = this.#options;
    const missing = this.#missing(world, chosen);
    const startedAt = performance.now();
    world.clients.start();
    const counts = await strikeAll(world, {
      faults: chosen.filter(({ name }) => !missing.some((one) => one.name === name)),
      random: this.#random.fork('faults'),
      untilMs: startedAt + minutes * 60_000,
      stop: this.#stop,
      pauseMsMax: minutes < shortRunMinutes ? 250 : 1_500,
    });
    this.#stop.throwIfAborted();
    // Banks without a barrier have branches that can never end: what they break shows at once.
    const timeLimitMs = this.#options.sabotage === undefined ? finishTimeLimitMs : sabotagedTimeLimitMs;
    const { unfinished, madeUp } = await settle(world, this.#random.fork('ask again'), {
      stop: this.#stop,
      timeLimitMs,
    });
    this.#stop.throwIfAborted();
    return {
      seed,
      loadMs: performance.now() - startedAt,
      counts,
      missing,
      recoveries: world.recoveries.times,
      starts: world.coordinator.starts + sum(world.nodes.slice(1).map(({ process }) => process.starts)),
      madeUp,
      ...(await audit(world, unfinished)),
    };
  }

  /** What is mounted is gone with this process. */
  #keepData({ disk }: World): void {
    if (disk.isMounted) cpSync(disk.folder, join(this.#options.folder, 'kept-data'), { recursive: true });
  }

  #missing(world: World, chosen: readonly Fault[]): Outcome['missing'] {
    const missing = chosen.flatMap((fault) => {
      const found = fault.missing?.(world);
      return found === undefined ? [] : [{ name: fault.name, ...found }];
    });
    for (const { name, why, whatHelps } of missing) {
      this.#log.plain(`!!! NOT RUN !!! ${name}: ${why}\n    what helps: ${whatHelps}`);
    }
    return missing;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Throws for a name that no fault has. */
function chosenFaults(names: readonly string[], allFaults: readonly Fault[]): readonly Fault[] {
  const unknown = names.filter((name) => !allFaults.some((fault) => fault.name === name));
  if (unknown.length > 0) {
    throw new Error(`no fault ${unknown.join(', ')}; there are ${allFaults.map(({ name }) => name).join(', ')}`);
  }
  return names.length === 0 ? allFaults : allFaults.filter(({ name }) => names.includes(name));
}
