import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

/** What a machine tells of the time, each in ms from a beginning of its own. */
export interface MachineTimes {
  /** Never set, and stands still while the machine sleeps. */
  readonly monotonic: () => number;
  /** Set by people and by NTP. */
  readonly wall: () => number;
  /** Since the machine began to run, its sleep included; coarse, and dear to ask for. */
  readonly uptime: () => number;
}

const machine: MachineTimes = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  uptime: () => uptime() * 1_000,
};

/** A wall clock that moved so much more than the monotonic one was set, or the machine slept. */
const suspiciousMs = 500;

/**
 * Measures durations in ms, those in which the machine slept included; what is done to the wall clock changes nothing. A
 * monotonic clock alone would let a laptop that wakes up believe that its leases are still its own.
 */
export function steadyClock({ monotonic, wall, uptime: up }: MachineTimes = machine): () => number {
  let apart = wall() - monotonic();
  // The uptime has to be compared with what it was before the machine slept, which nobody tells beforehand.
  const upAtStart = up() - monotonic();
  let sleptMs = 0;
  return () => {
    const elapsed = monotonic();
    const apartNow = wall() - elapsed;
    if (Math.abs(apartNow - apart) > suspiciousMs) {
      apart = apartNow;
      const slept = up() - elapsed - upAtStart;
      if (slept > sleptMs + suspiciousMs / 2) sleptMs = slept;
    }
    return elapsed + sleptMs;
  };
}
