import { nameOf, type Boundary, type Fault, type PlannedFault } from './fault.js';
import type { Story } from '../world/story.js';

/**
 * The boundaries that one run comes by, and its faults, each at its place. A boundary is known again by its title and by how often
 * that came before: other work at the same time may come in another order.
 */
export class Boundaries {
  readonly reached: Boundary[] = [];
  readonly #left: PlannedFault[];
  readonly #story: Story;
  readonly #counts = new Map<string, number>();
  #isOpen = false;

  constructor(plan: readonly PlannedFault[], story: Story) {
    this.#left = [...plan];
    this.#story = story;
  }

  /** From now on boundaries count; what the set-up does is not hurt. */
  open(): void {
    this.#isOpen = true;
  }

  /** After the end nothing new is hurt. */
  close(): void {
    this.#isOpen = false;
  }

  /** Faults that have not happened. */
  get pending(): readonly PlannedFault[] {
    return this.#left;
  }

  /** Comes by a boundary; answers what goes wrong here. */
  reach(title: string, faults: readonly Fault[]): Fault | undefined {
    if (!this.#isOpen) return undefined;
    const occurrence = (this.#counts.get(title) ?? 0) + 1;
    this.#counts.set(title, occurrence);
    const boundary: Boundary = { number: this.reached.length + 1, title, occurrence, faults };
    this.reached.push(boundary);
    const next = this.#left[0];
    if (next?.boundary.title !== title || next.boundary.occurrence !== occurrence) return undefined;
    this.#left.shift();
    this.#story.tell(`FAULT: ${nameOf([next])}`);
    return next.fault;
  }
}
