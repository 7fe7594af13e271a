/**
 * Limits and circuit breakers, one per target (usually scheme, host and port).
 *
 * G1. No target has more than `callsMax` calls under way from this node.
 * G2. What waits in memory for a target is bounded; beyond that, and while the target is down, the caller is told when to
 *     come back, and waits durably.
 * G3. A target is down after `breakerFailures` unreachable answers in a row; then one call at a time is let through as a
 *     probe, none before the pause is over; the pause doubles with each failed probe, to at most a minute.
 * G4. When a target answers again, `recovered` is told once, so that those who wait durably are woken.
 * G5. When the queue of a target that sent somebody away runs low, `drained` is told, so that some who wait durably are woken.
 * G6. Of those who wait durably for a target that is down, some always come back as soon as its pause is over, however often
 *     all of them are woken in between: else nobody would find out that it is up again.
 */
import type { Clock } from './ports.js';

export interface GateLimits {
  readonly callsMax: number;
  readonly queueMax: number;
  readonly breakerFailures: number;
  readonly breakerOpenMs: number;
}

/** What a gate tells of its targets. */
export interface GateEvents {
  opened(target: string): void;
  recovered(target: string): void;
  drained(target: string): void;
}

/** Whether a call may go out now; `retryAt` is when to ask again. */
export type Entry =
  | { readonly kind: 'entered'; readonly place: GatePlace }
  | { readonly kind: 'queued' }
  | { readonly kind: 'postponed'; readonly retryAt: number };

/** A call's place at its target; hand it back with `leave`. */
export interface GatePlace {
  readonly target: string;
  /** It is the one call that finds out whether a target that was down is up again. */
  readonly isProbe: boolean;
}

interface Target {
  active: number;
  queue: (() => void)[];
  /** Index of the first waiting entry: shifting an array of thousands for each call would be quadratic. */
  queueHead: number;
  failuresInRow: number;
  /** On the steady clock, so that a clock that is set back does not prolong it; 0: the breaker is closed. */
  openUntil: number;
  openMs: number;
  isProbing: boolean;
  postponedSinceOpen: number;
  /** Somebody was sent away because the queue was full. */
  hasSentAway: boolean;
}

const queued: Entry = { kind: 'queued' };
const openMsMax = 60_000;
/** A target without room: those who wait durably are woken when there is some (G5); this is for when that is missed. */
const saturatedMs = 5_000;
/** Those who come back after a pause are spread, so that thousands do not return in the same moment... */
const spreadMs = 5;
/** ...but for one in so many, who come back when it ends (G6). */
const probersOneIn = 64;
const idleTargetsMax = 10_000;

export class TargetGate {
  readonly #limits: GateLimits;
  readonly #clock: Clock;
  readonly #targets = new Map<string, Target>();
  readonly #on: GateEvents;

  constructor(limits: GateLimits, clock: Clock, on: GateEvents) {
    this.#limits = limits;
    this.#clock = clock;
    this.#on = on;
  }

  /** Asks for a place; when `queued`, `admitted` is called once when it is worth asking again. */
  enter(name: string, admitted: () => void): Entry {
    const target = this.#target(name);
    if (target.openUntil > 0) {
      const now = this.#clock.steady();
      if (now < target.openUntil || target.isProbing) return this.#postpone(target, now);
      target.isProbing = true;
      return takePlace(target, name, true);
    }
    if (target.active < this.#limits.callsMax) {
      return takePlace(target, name, false);
    }
    if (target.queue.length - target.queueHead < this.#limits.queueMax) {
      target.queue.push(admitted);
      return queued;
    }
    target.hasSentAway = true;
    return { kind: 'postponed', retryAt: this.#clock.now() + saturatedMs };
  }

  /** Gives the place back and says how the call went; `undefined`: it was cancelled and says nothing. */
  leave(place: GatePlace, isReachable: boolean | undefined): void {
    const target = this.#target(place.target);
    target.active -= 1;
    if (isReachable === true) this.#reached(place.target, target);
    else if (isReachable === false) this.#unreached(place, target);
    if (place.isProbe) target.isProbing = false;
    this.#admitNext(target);
    if (target.hasSentAway && this.#hasRoom(target)) {
      target.hasSentAway = false;
      this.#on.drained(place.target);
    }
  }

  /** A place is free, or at most a quarter of the queue is taken: who is woken now comes before it is empty. */
  #hasRoom(target: Target): boolean {
    if (target.openUntil > 0) return false;
    const waiting = target.queue.length - target.queueHead;
    const { callsMax, queueMax } = this.#limits;
    return target.active < callsMax || (waiting < queueMax && waiting <= queueMax / 4);
  }

  /** Somebody waits durably for a target as of now; what it waits for may have come while that was being written. */
  parked(name: string): void {
    const target = this.#targets.get(name);
    if (target === undefined || this.#hasRoom(target)) this.#on.drained(name);
    else target.hasSentAway = true;
  }

  /** More wait durably for room at a target than were woken just now: tell again when those have had their turn. */
  moreWait(name: string): void {
    const target = this.#targets.get(name);
    if (target !== undefined) target.hasSentAway = true;
  }

  /** Somebody knows better: whatever is down may be tried again at once, by one call at a time. */
  endPauses(): void {
    const now = this.#clock.steady();
    for (const target of this.#targets.values()) if (target.openUntil > now) target.openUntil = now;
  }

  #target(name: string): Target {
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    if (this.#targets.size >= idleTargetsMax) this.#forgetIdle();
    const target: Target = {
      active: 0,
      queue: [],
      queueHead: 0,
      failuresInRow: 0,
      openUntil: 0,
      openMs: this.#limits.breakerOpenMs,
      isProbing: false,
      postponedSinceOpen: 0,
      hasSentAway: false,
    };
    this.#targets.set(name, target);
    return target;
  }

  /** Targets that nobody calls; of those that are down or owe somebody a word only as the last resort. */
  #forgetIdle(): void {
    for (const [name, target] of this.#targets) if (isIdle(target) && !isOwing(target)) this.#targets.delete(name);
    if (this.#targets.size < idleTargetsMax) return;
    for (const [name, target] of this.#targets) {
      if (!isIdle(target)) continue;
      this.#targets.delete(name);
      // Forgotten, it counts as up: who waits for it finds out, and nobody counts it as down for ever (G4).
      if (target.openUntil > 0) this.#on.recovered(name);
    }
  }

  #postpone(target: Target, now: number): Entry {
    const pauseMs = Math.max(target.openUntil - now, this.#limits.breakerOpenMs / 4);
    const isProber = target.postponedSinceOpen % probersOneIn === 0;
    target.postponedSinceOpen += 1;
    const spread = isProber ? 0 : Math.min(openMsMax, target.postponedSinceOpen * spreadMs);
    // `now` leaves out the fraction of its millisecond: who came back within it would come too early, and pause again.
    return { kind: 'postponed', retryAt: Math.floor(this.#clock.now() + pauseMs + spread) + 1 };
  }

  #reached(name: string, target: Target): void {
    target.failuresInRow = 0;
    if (target.openUntil === 0) return;
    target.openUntil = 0;
    target.openMs = this.#limits.breakerOpenMs;
    target.postponedSinceOpen = 0;
    this.#on.recovered(name);
  }

  #unreached(place: GatePlace, target: Target): void {
    target.failuresInRow += 1;
    if (target.failuresInRow < this.#limits.breakerFailures) return;
    // Calls that went out before the target was found down say nothing new.
    if (target.openUntil > 0 && !place.isProbe) return;
    const wasClosed = target.openUntil === 0;
    target.openUntil = this.#clock.steady() + target.openMs;
    target.openMs = Math.min(openMsMax, target.openMs * 2);
    target.postponedSinceOpen = 0;
    if (wasClosed) this.#on.opened(place.target);
    // Everybody who waits in memory is let go: each asks again, and is told to wait durably.
    this.#admitAll(target);
  }

  #admitNext(target: Target): void {
    // A loop, since who is admitted may no longer want the place; whoever does takes it through `enter`.
    while (target.queueHead < target.queue.length && target.active < this.#limits.callsMax) {
      const admitted = target.queue[target.queueHead];
      target.queueHead += 1;
      if (target.queueHead === target.queue.length) {
        target.queue = [];
        target.queueHead = 0;
      } else if (target.queueHead > 1024) {
        target.queue.splice(0, target.queueHead);
        target.queueHead = 0;
      }
      admitted?.();
    }
  }

  #admitAll(target: Target): void {
    const waiting = target.queue.slice(target.queueHead);
    target.queue = [];
    target.queueHead = 0;
    for (const admitted of waiting) admitted();
  }
}

function isIdle(target: Target): boolean {
  return target.active === 0 && target.queue.length === target.queueHead;
}

/** It is down, or somebody waits durably to be told that it has room (G4, G5). */
function isOwing(target: Target): boolean {
  return target.openUntil > 0 || target.hasSentAway;
}

function takePlace(target: Target, name: string, isProbe: boolean): Entry {
  target.active += 1;
  return { kind: 'entered', place: { target: name, isProbe } };
}
