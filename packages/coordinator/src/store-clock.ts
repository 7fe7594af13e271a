/**
 * The time on the store's clock: what leases and due times are written in, so that nodes whose own clocks are minutes apart
 * agree about them.
 *
 * T1. Where the engine has no clock of its own (an embedded store), it is this machine's clock.
 * T2. Else it is a steady clock plus an offset, learned from pings: the engine's time lies between the moments in which a ping
 *     went out and came back, which bounds the error by half of the round trip. What further pings tell narrows it.
 * T3. It never goes back, once it is the engine's. Where it is ahead it runs at half the pace until the engine has caught up; where it is ahead by more
 *     than a minute it follows, since a clock an hour wrong would hold back everything that is due.
 */
import type { Clock } from './ports.js';

/** How far a steady clock may drift from the engine's: ten times what ordinary machines do. */
const driftPerMs = 0.0005;
/** The engine tells whole milliseconds. */
const resolutionMs = 1;
const backwardMsMax = 60_000;

/** What a ping told, in ms: of the steady clock when it went out and when it came back. */
export interface EngineTime {
  readonly engineNow: number;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Engine time minus steady time lies in here; `at` this moment of the steady clock. */
interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly at: number;
}

export class StoreClock implements Clock {
  readonly #own: Clock;
  #bounds: Bounds | undefined;
  /** Where the offset is going, and where it is. */
  #aim = 0;
  #offset = 0;
  #lookedAt = 0;

  constructor(own: Clock) {
    this.#own = own;
  }

  now(): number {
    if (this.#bounds === undefined) return this.#own.now();
    const steady = this.#own.steady();
    const ahead = this.#offset - this.#aim;
    const isBeyond = ahead <= 0 || ahead > backwardMsMax;
    this.#offset = isBeyond ? this.#aim : Math.max(this.#aim, this.#offset - (steady - this.#lookedAt) / 2);
    this.#lookedAt = steady;
    return Math.floor(steady + this.#offset);
  }

  steady(): number {
    return this.#own.steady();
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    return this.#own.setTimer(delayMs, fire);
  }

  /** Takes what a ping told. */
  learn(told: EngineTime): void {
    const fresh = boundsOf(told);
    const known = this.#bounds;
    const bounds = (known && overlap(widened(known, told.answeredAt), fresh)) ?? fresh;
    this.#bounds = bounds;
    this.#aim = (bounds.low + bounds.high) / 2;
    // The first time, whatever this machine's clock has said, the engine's is right.
    if (known === undefined) this.#offset = this.#aim;
  }

  /** How wrong it may be, in ms; undefined: it is this machine's own clock. */
  get errorMs(): number | undefined {
    return this.#bounds === undefined ? undefined : (this.#bounds.high - this.#bounds.low) / 2;
  }
}

function boundsOf({ engineNow, sentAt, answeredAt }: EngineTime): Bounds {
  return { low: engineNow - answeredAt, high: engineNow + resolutionMs - sentAt, at: answeredAt };
}

function widened({ low, high, at }: Bounds, now: number): Bounds {
  const drift = (now - at) * driftPerMs;
  return { low: low - drift, high: high + drift, at: now };
}

/** Undefined: they exclude each other, since one of the clocks was set, or another engine answers now. */
function overlap(one: Bounds, other: Bounds): Bounds | undefined {
  const low = Math.max(one.low, other.low);
  const high = Math.min(one.high, other.high);
  return low > high ? undefined : { low, high, at: other.at };
}
