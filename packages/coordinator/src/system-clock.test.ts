import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A wall clock and a steady one in the hands of the test. */
function clocks() {
  const at = { wall: 1_800_000_000_000, steady: 500 };
  vi.spyOn(Date, 'now').mockImplementation(() => at.wall);
  vi.spyOn(performance, 'now').mockImplementation(() => at.steady);
  return at;
}

describe('the time', () => {
  test('is the wall clock, also after it was set forward', () => {
    const at = clocks();
    const clock = systemClock();
    expect(clock.now()).toBe(1_800_000_000_000);
    at.wall += 3_600_000;
    expect(clock.now()).toBe(at.wall);
  });

  test('goes on at a steady pace while the wall clock is behind by less than a minute', () => {
    const at = clocks();
    const clock = systemClock();
    const before = clock.now();
    at.wall -= 30_000;
    at.steady += 250;
    expect(clock.now()).toBe(before + 250);
  });

  test('follows a wall clock that was set back by more', () => {
    const at = clocks();
    const clock = systemClock();
    clock.now();
    at.wall -= 3_600_000;
    expect(clock.now()).toBe(at.wall);
  });
});

describe('a timer', () => {
  test('fires once, after its delay, unless it is cancelled', () => {
    vi.useFakeTimers();
    const clock = systemClock();
    const fired: string[] = [];
    clock.setTimer(10, () => fired.push('kept'));
    clock.setTimer(10, () => fired.push('cancelled'))();
    clock.setTimer(-5, () => fired.push('late'));
    vi.advanceTimersByTime(9);
    expect(fired).toEqual(['late']);
    vi.advanceTimersByTime(100);
    expect(fired).toEqual(['late', 'kept']);
  });

  test('longer than the engine can count does not fire at once', () => {
    vi.useFakeTimers();
    let fired = 0;
    systemClock().setTimer(100 * 365 * 24 * 3600 * 1000, () => (fired += 1));
    vi.advanceTimersByTime(24 * 3600 * 1000);
    expect(fired).toBe(0);
  });
});
