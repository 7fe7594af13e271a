import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from './ports.js';
import { StoreClock } from './store-clock.js';

// The same in each run, so that a run which fails tells of what was changed; `SEED` chooses another.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 1) });

const engineEpoch = 1_900_000_000_000;

/** A machine whose own clock is wrong, and an engine: both in the hands of the test. */
class Times implements Clock {
  wall = 1_800_000_000_000;
  time = 10;
  engine = engineEpoch;
  now(): number {
    return this.wall;
  }
  steady(): number {
    return this.time;
  }
  setTimer(): () => void {
    return () => undefined;
  }
  pass(ms: number): void {
    this.time += ms;
    this.wall += ms;
    this.engine += ms;
  }
  /** A ping that takes so long there and back. */
  ping(clock: StoreClock, thereMs: number, backMs: number): void {
    const sentAt = this.time;
    this.pass(thereMs);
    const engineNow = Math.floor(this.engine);
    this.pass(backMs);
    clock.learn({ engineNow, sentAt, answeredAt: this.time });
  }
}

function learned() {
  const times = new Times();
  const clock = new StoreClock(times);
  times.ping(clock, 1, 1);
  return { times, clock };
}

describe('the time on the store', () => {
  test("is this machine's as long as the engine has told none", () => {
    const times = new Times();
    const clock = new StoreClock(times);
    expect(clock.now()).toBe(1_800_000_000_000);
    times.wall += 5;
    expect(clock.now()).toBe(1_800_000_000_005);
    expect(clock.errorMs).toBeUndefined();
  });

  test("is the engine's as soon as it has told one, whatever is done to this machine's clock", () => {
    const { times, clock } = learned();
    times.wall += 600_000;
    times.pass(1_000);
    expect(Math.abs(clock.now() - times.engine)).toBeLessThanOrEqual(2);
  });

  test('is wrong by half of the round trip at most, and each ping can only make it better', () => {
    const leg = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(fc.array(fc.tuple(leg, leg), { minLength: 1, maxLength: 12 }), (pings) => {
        const times = new Times();
        const clock = new StoreClock(times);
        let best = Infinity;
        for (const [there, back] of pings) {
          times.ping(clock, there, back);
          best = Math.min(best, there + back);
          const error = clock.errorMs ?? Infinity;
          expect(error).toBeLessThanOrEqual(best / 2 + 8);
          // Where it was ahead it needs a moment.
          times.pass(1_000);
          expect(Math.abs(clock.now() - times.engine)).toBeLessThanOrEqual(error + 1);
        }
      }),
    );
  });

  test('follows an engine that was set forward', () => {
    const { times, clock } = learned();
    times.engine += 30_000;
    times.ping(clock, 1, 1);
    expect(Math.abs(clock.now() - times.engine)).toBeLessThanOrEqual(2);
  });

  test('never goes back while it is ahead, and the engine catches up at half the pace', () => {
    const { times, clock } = learned();
    const before = clock.now();
    times.engine -= 1_000;
    times.ping(clock, 1, 1);
    let last = before;
    for (let step = 0; step < 30; step += 1) {
      times.pass(50);
      const now = clock.now();
      expect(now).toBeGreaterThan(last);
      last = now;
    }
    expect(last - times.engine).toBeGreaterThan(200);
    times.pass(600);
    expect(Math.abs(clock.now() - times.engine)).toBeLessThanOrEqual(2);
  });

  test('goes back with an engine that was set back by more than a minute', () => {
    const { times, clock } = learned();
    times.engine -= 3_600_000;
    times.ping(clock, 1, 1);
    expect(Math.abs(clock.now() - times.engine)).toBeLessThanOrEqual(2);
  });
});
