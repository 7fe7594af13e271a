const firstDelayMs = 200;
const delayMsMax = 10_000;
const windowMs = 60_000;
const deathsMax = 8;

/** When a worker that died is started again: at once, then later and later; undefined: it dies too often. */
export class Restarts {
  #deaths: number[] = [];

  /** `now`: of a steady clock, in ms. */
  delayAfterDeath(now: number): number | undefined {
    this.#deaths = [...this.#deaths.filter((at) => now - at < windowMs), now];
    if (this.#deaths.length > deathsMax) return undefined;
    return Math.min(delayMsMax, firstDelayMs * 2 ** (this.#deaths.length - 1));
  }
}
