import { performance } from 'node:perf_hooks';
import type { Clock } from './ports.js';
import { steadyClock } from './steady-clock.js';

/**
 * The machine's clock made monotonic: it follows the wall clock forward and, when the wall clock is set back, holds a
 * steady pace until the wall clock has caught up to within a minute; beyond that it follows, since a clock an hour wrong
 * would hold back everything that is due.
 */
export function systemClock(): Clock {
  const backwardMsMax = 60_000;
  let offset = Date.now() - performance.now();
  let last = 0;
  return {
    now(): number {
      const steady = performance.now() + offset;
      const wall = Date.now();
      if (wall > steady || steady - wall > backwardMsMax) offset += wall - steady;
      const current = Math.floor(performance.now() + offset);
      last = current > last || last - current > backwardMsMax ? current : last;
      return last;
    },
    steady: steadyClock(),
    setTimer(delayMs, fire) {
      // Longer delays overflow Node's timer and would fire at once.
      const timer = setTimeout(fire, Math.min(Math.max(delayMs, 0), 2 ** 31 - 1));
      timer.unref();
      return () => {
        clearTimeout(timer);
      };
    },
  };
}
