/**
 * One process start: what a crash ends, a freeze holds up, and a restart never continues.
 *
 * N1. All that reaches a node's code passes `enters`, and all that leaves it `leaves`: so a crash can fall between any two
 *     of them, which is at every await.
 * N2. After its death nothing enters and nothing leaves; what had left before goes on without it.
 * N3. While frozen nothing runs; what came meanwhile runs after it, late, in an order that chance decides.
 */
import type { SeededRandom } from '../seeded-random.js';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';

/** What a step was, for those who look where crashes fall. */
export type StepKind = 'storeAsked' | 'storeAnswered' | 'callSent' | 'callAnswered' | 'timer' | 'verb' | 'verbAnswered';

export class Process {
  readonly name: string;
  readonly place: number;
  isDead = false;
  /** Targets that it finds down, and those that it ever has. */
  readonly targetsDown = new Set<string>();
  readonly targetsEverDown = new Set<string>();
  /** When it was last frozen or thawed; -Infinity: never. */
  disturbedAt = -Infinity;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #died: (process: Process, after: StepKind) => void;
  #stepsLeft = Infinity;
  #isFrozen = false;
  #held: { readonly kind: StepKind; readonly run: () => void }[] = [];

  constructor(
    name: string,
    place: number,
    around: {
      readonly time: VirtualTime;
      readonly random: SeededRandom;
      readonly died: (process: Process, after: StepKind) => void;
    },
  ) {
    this.name = name;
    this.place = place;
    this.#time = around.time;
    this.#random = around.random;
    this.#died = around.died;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** Something from outside, which makes the node's code run. */
  enters(kind: StepKind, run: () => void): void {
    if (this.isDead) return;
    if (this.#isFrozen) this.#held.push({ kind, run });
    else if (this.#steps(kind)) run();
  }

  /** Something to the outside; answers whether it gets out. */
  leaves(kind: StepKind): boolean {
    return !this.isDead && this.#steps(kind);
  }

  /** It will die at so many steps from now. */
  crashAfter(steps: number): void {
    this.#stepsLeft = Math.min(this.#stepsLeft, steps);
  }

  /** Whatever was going to kill it does not. */
  spare(): void {
    this.#stepsLeft = Infinity;
  }

  kill(): void {
    this.isDead = true;
    this.#held = [];
  }

  freeze(forMs: number): void {
    if (this.isDead || this.#isFrozen) return;
    this.#isFrozen = true;
    this.disturbedAt = this.#time.now;
    this.#time.in(forMs, () => {
      this.#thaw();
    });
  }

  #thaw(): void {
    this.#isFrozen = false;
    this.disturbedAt = this.#time.now;
    const held = this.#random.chance(0.5) ? this.#held : this.#random.shuffle(this.#held);
    this.#held = [];
    // Each in a turn of its own, as an event loop would run them.
    for (const { kind, run } of held)
      this.#time.in(0, () => {
        this.enters(kind, run);
      });
  }

  #steps(kind: StepKind): boolean {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft > 0) return true;
    this.kill();
    this.#died(this, kind);
    return false;
  }
}
