/** The ways between clients, nodes and participants: what is sent may be lost, late, doubled or overtaken. */
import type { NetworkDraw } from './draw/draw.js';
import type { SeededRandom } from './seeded-random.js';
import type { FaultName, Tally } from './tally.js';
import type { VirtualTime } from '@tandem/coordinator/virtual-time';

/** How the faults of one kind of way are counted. */
export interface Way {
  readonly lost: FaultName;
  readonly late: FaultName;
  readonly doubled: FaultName | undefined;
}

const calmMs = 5;

export class Network {
  isCalm = false;
  readonly #draw: NetworkDraw;
  readonly #time: VirtualTime;
  readonly #tally: Tally;
  #onTheWay = 0;
  #lastArrivals = new Map<string, number>();

  constructor(draw: NetworkDraw, time: VirtualTime, tally: Tally) {
    this.#draw = draw;
    this.#time = time;
    this.#tally = tally;
  }

  /** Messages that will still arrive somewhere. */
  get onTheWay(): number {
    return this.#onTheWay;
  }

  /** A request: `arrive` is called for each time it arrives. */
  send(random: SeededRandom, way: Way, target: string, arrive: () => void): void {
    if (this.isCalm) {
      this.#deliver(calmMs, arrive);
      return;
    }
    const { lose, duplicate } = this.#draw;
    if (random.chance(lose)) this.#tally.count(way.lost);
    else this.#deliver(this.#delay(random, way, target), arrive);
    if (way.doubled === undefined || !random.chance(duplicate)) return;
    this.#tally.count(way.doubled);
    this.#deliver(this.#delay(random, way, target), arrive);
  }

  /** An answer to what was sent. */
  answer(random: SeededRandom, way: Way, arrive: () => void): void {
    if (this.isCalm) this.#deliver(calmMs, arrive);
    else if (random.chance(this.#draw.loseAnswer)) this.#tally.count(way.lost);
    else this.#deliver(this.#delay(random, way, ''), arrive);
  }

  #delay(random: SeededRandom, way: Way, target: string): number {
    const { late, lateMs, usualMs, grainMs } = this.#draw;
    const isLate = random.chance(late);
    if (isLate) this.#tally.count(way.late);
    const ms = Math.ceil(random.share() * (isLate ? lateMs : usualMs));
    const delay = Math.ceil(ms / grainMs) * grainMs;
    if (target !== '') this.#noteOvertaking(target, this.#time.now + delay);
    return delay;
  }

  #noteOvertaking(target: string, at: number): void {
    const last = this.#lastArrivals.get(target) ?? 0;
    if (at < last) this.#tally.count('callOvertaken');
    else this.#lastArrivals.set(target, at);
  }

  #deliver(delayMs: number, arrive: () => void): void {
    this.#onTheWay += 1;
    this.#time.in(delayMs, () => {
      this.#onTheWay -= 1;
      arrive();
    });
  }
}
