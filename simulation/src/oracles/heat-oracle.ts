import type { VirtualTime } from '@tandem/coordinator/virtual-time';
import type { Problems } from './problems.js';

const asksInAMomentMax = 1_000;
const asksInASecondMax = 4_000;
const turnsInAMomentMax = 20_000;

/** Notices what spins: work without end while no time passes, or far too much of it while some does. */
export class HeatOracle {
  readonly #time: VirtualTime;
  readonly #problems: Problems;
  #moment = -1;
  #asks = 0;
  #turns = 0;
  #second = -1;
  #asksInSecond = 0;

  constructor(time: VirtualTime, problems: Problems) {
    this.#time = time;
    this.#problems = problems;
  }

  /** One request to the store; answers false when it must be held, or the world would never get a turn again. */
  storeAsked(verb: string, weight: number): boolean {
    this.#look();
    this.#asks += weight;
    this.#asksInSecond += weight;
    if (this.#asksInSecond > asksInASecondMax) {
      this.#asksInSecond = -Infinity;
      this.#problems.add('hot', `${String(asksInASecondMax)} requests to the store in a second, the last: ${verb}`);
    }
    if (this.#asks <= asksInAMomentMax) return true;
    this.#problems.add('hot', `${String(asksInAMomentMax)} requests to the store in a moment, the last: ${verb}`);
    return false;
  }

  /** One event of the world; answers false when time stands still. */
  turned(): boolean {
    this.#look();
    this.#turns += 1;
    if (this.#turns <= turnsInAMomentMax) return true;
    this.#problems.add('hot', `${String(turnsInAMomentMax)} events in a moment`);
    return false;
  }

  #look(): void {
    const { now } = this.#time;
    if (now === this.#moment) return;
    this.#moment = now;
    this.#asks = 0;
    this.#turns = 0;
    const second = Math.floor(now / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#asksInSecond = 0;
  }
}
