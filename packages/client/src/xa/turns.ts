const turns = new WeakMap<object, Turns>();

/**
 * Lets branches of one pool work on all of its connections but one. Branches that wait for a row, which one that is prepared has
 * locked, would take all of them otherwise, and its commit would wait for them.
 */
export function turnsOf(pool: object, connectionsMax: number): Turns {
  const known = turns.get(pool) ?? new Turns(Math.max(1, connectionsMax - 1));
  turns.set(pool, known);
  return known;
}

/** Does so much at once; what comes more waits, in its order. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
