/** kill -9 of one part after the other, at moments that are drawn by seed; two may be down at once. */
import type { Random } from '@tandem/torture/random';

/** What can be killed and started again. */
export interface Killable {
  readonly name: string;
  /** It may not have ended by itself. */
  readonly isRunning: boolean;
  readonly errorText: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface KillsOptions {
  readonly parts: readonly Killable[];
  readonly random: Random;
  /** At least so many, and at most; all parts come before one comes again. */
  readonly min: number;
  readonly max: number;
}

const pauseMs = { from: 1_500, to: 5_000 };
const downMs = { from: 50, to: 1_500 };

export class Kills {
  /** How often each was killed. */
  readonly counts = new Map<string, number>();
  /** Parts that ended by themselves, or did not come back, in sentences. */
  readonly crashes: string[] = [];
  readonly #options: KillsOptions;
  readonly #done: Promise<void>;
  #isEnough = false;

  constructor(options: KillsOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  /** Ends them, when the least number is reached; resolves when all parts run. */
  async end(): Promise<void> {
    this.#isEnough = true;
    await this.#done;
    for (const part of this.#options.parts) this.#look(part);
  }

  async #run(): Promise<void> {
    const { parts, random, min, max } = this.#options;
    const comingBack = new Map<Killable, Promise<void>>();
    let left: Killable[] = [];
    for (let count = 0; count < min || (!this.#isEnough && count < max); count += 1) {
      await pause(random.integer(pauseMs.from, pauseMs.to));
      if (left.length === 0) left = random.shuffled(parts);
      const part = left.pop();
      if (part === undefined) break;
      await comingBack.get(part);
      comingBack.set(part, this.#kill(part, random.integer(downMs.from, downMs.to)));
    }
    await Promise.all(comingBack.values());
  }

  async #kill(part: Killable, downForMs: number): Promise<void> {
    this.#look(part);
    this.counts.set(part.name, (this.counts.get(part.name) ?? 0) + 1);
    await part.kill();
    await pause(downForMs);
    try {
      await part.start();
    } catch (error) {
      this.crashes.push(`${part.name} did not come back: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #look({ name, isRunning, errorText }: Killable): void {
    if (!isRunning) this.crashes.push(`${name} ended by itself: ${errorText}`);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
