import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from './ports.js';
import { TargetGate, type Entry, type GateLimits, type GatePlace } from './target-gate.js';

// The same in each run, so that a run which fails tells of what was changed; `SEED` chooses another.
fc.configureGlobal({ seed: Number(process.env['SEED'] ?? 1) });

class StillClock implements Clock {
  time = 1_000_000;
  /** What was done to the clock: `now` moved so far away from the steady time. */
  set = 0;
  now(): number {
    return this.time + this.set;
  }
  steady(): number {
    return this.time;
  }
  setTimer(): () => void {
    throw new Error('a gate sets no timers');
  }
}

interface Told {
  readonly opened: string[];
  readonly recovered: string[];
  readonly drained: string[];
}

function gateWith(limits: Partial<GateLimits> = {}) {
  const clock = new StillClock();
  const told: Told = { opened: [], recovered: [], drained: [] };
  const gate = new TargetGate(
    { callsMax: 2, queueMax: 2, breakerFailures: 3, breakerOpenMs: 1_000, ...limits },
    clock,
    {
      opened: (target) => told.opened.push(target),
      recovered: (target) => told.recovered.push(target),
      drained: (target) => told.drained.push(target),
    },
  );
  return { clock, gate, told };
}

const nobody = () => undefined;

function placeOf(entry: Entry): GatePlace {
  if (entry.kind !== 'entered') throw new Error(`it is ${entry.kind}`);
  return entry.place;
}

describe('a target', () => {
  test('has so many calls, then a queue, then nothing but waiting elsewhere', () => {
    const { gate, clock } = gateWith();
    const kinds = Array.from({ length: 5 }, () => gate.enter('a', nobody).kind);
    expect(kinds).toEqual(['entered', 'entered', 'queued', 'queued', 'postponed']);
    expect(gate.enter('b', nobody).kind).toBe('entered');
    expect(gate.enter('a', nobody)).toMatchObject({ retryAt: clock.time + 5_000 });
  });

  test('that is down is tried again when its pause is over, wherever the clock was set to meanwhile', () => {
    const { gate, clock } = gateWith({ callsMax: 9 });
    const places = Array.from({ length: 3 }, () => placeOf(gate.enter('a', nobody)));
    for (const place of places) gate.leave(place, false);
    clock.set = -3_600_000;
    clock.time += 400;
    expect(gate.enter('a', nobody)).toEqual({ kind: 'postponed', retryAt: clock.now() + 601 });
    clock.time += 600;
    expect(gate.enter('a', nobody)).toMatchObject({ kind: 'entered', place: { isProbe: true } });
    gate.endPauses();
  });

  test('that was down and told twice opens once, and calls that went out before say nothing new', () => {
    const { gate, clock, told } = gateWith({ callsMax: 9 });
    const places = Array.from({ length: 5 }, () => placeOf(gate.enter('a', nobody)));
    for (const place of places) gate.leave(place, false);
    expect(told.opened).toEqual(['a']);
    // The pause is as long as after three failures: the fourth and the fifth have not doubled it.
    clock.time += 1_000;
    expect(gate.enter('a', nobody)).toMatchObject({ kind: 'entered', place: { isProbe: true } });
  });

  test('whose queue is long loses nobody of it', () => {
    const { gate } = gateWith({ callsMax: 1, queueMax: 5_000 });
    let place = placeOf(gate.enter('a', nobody));
    const admitted: number[] = [];
    for (let at = 0; at < 3_000; at += 1) gate.enter('a', () => admitted.push(at));
    for (let round = 0; round < 3_000; round += 1) {
      gate.leave(place, true);
      place = placeOf(gate.enter('a', nobody));
    }
    expect(admitted).toEqual(Array.from({ length: 3_000 }, (_, at) => at));
  });

  test('nobody calls any more is forgotten when there are many, and one that is called is not', () => {
    const { gate } = gateWith({ callsMax: 1 });
    placeOf(gate.enter('busy', nobody));
    for (let at = 0; at < 10_000; at += 1) gate.leave(placeOf(gate.enter(`idle-${String(at)}`, nobody)), true);
    expect(gate.enter('busy', nobody).kind).toBe('queued');
  });

  test('that is down is still down after others were forgotten', () => {
    const { gate } = gateWith({ callsMax: 1, breakerFailures: 1 });
    gate.leave(placeOf(gate.enter('down', nobody)), false);
    for (let at = 0; at < 10_001; at += 1) gate.leave(placeOf(gate.enter(`idle-${String(at)}`, nobody)), true);
    expect(gate.enter('down', nobody).kind).toBe('postponed');
  });

  test('that is down is forgotten when all that are known are down, and then counts as up', () => {
    const { gate, told } = gateWith({ breakerFailures: 1, queueMax: 0 });
    const busy = [placeOf(gate.enter('busy', nobody)), placeOf(gate.enter('busy', nobody))];
    const full = [placeOf(gate.enter('owing', nobody)), placeOf(gate.enter('owing', nobody))];
    // Somebody is sent away after the last call has ended: it is idle, and owes a word.
    for (const place of full) gate.leave(place, true);
    gate.moreWait('owing');
    for (let at = 0; at < 9_999; at += 1) gate.leave(placeOf(gate.enter(`down-${String(at)}`, nobody)), false);
    expect(told.opened).toHaveLength(9_999);
    expect(told.recovered).toHaveLength(9_998);
    expect(gate.enter('down-9998', nobody).kind).toBe('postponed');
    expect(gate.enter('busy', nobody).kind).toBe('postponed');
    for (const place of busy) gate.leave(place, true);
  });

  test('is told of again when more wait for it than were woken', () => {
    const { gate, told } = gateWith({ callsMax: 1, queueMax: 0 });
    const place = placeOf(gate.enter('a', nobody));
    gate.moreWait('unheard of');
    gate.moreWait('a');
    gate.leave(place, true);
    expect(told.drained).toEqual(['a']);
  });
});

/** What can happen to one target; an index picks among the places that are taken. */
type Step =
  | { readonly kind: 'enter' }
  | { readonly kind: 'leave'; readonly which: number; readonly isReachable: boolean | undefined }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'endPauses' };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ kind: 'enter' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('leave' as const),
      which: fc.nat(),
      isReachable: fc.constantFrom(true, false, false, undefined),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 3_000 }) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'endPauses' }) },
);

describe('any sequence of calls', () => {
  test('keeps its limits, probes one at a time, and lets everybody who waits know', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 80 }), fc.nat({ max: 3 }), (steps, queueMax) => {
        const { gate, clock, told } = gateWith({ queueMax });
        const taken: GatePlace[] = [];
        let waiting = 0;
        for (const step of steps) {
          if (step.kind === 'pass') clock.time += step.ms;
          else if (step.kind === 'endPauses') gate.endPauses();
          else if (step.kind === 'leave') {
            const [place] = taken.splice(step.which % Math.max(1, taken.length), 1);
            if (place !== undefined) gate.leave(place, step.isReachable);
          } else {
            const entry = gate.enter('a', () => (waiting -= 1));
            if (entry.kind === 'entered') taken.push(entry.place);
            else if (entry.kind === 'queued') waiting += 1;
            else expect(entry.retryAt).toBeGreaterThan(clock.time);
          }
          expect(taken.length).toBeLessThanOrEqual(2);
          expect(waiting).toBeLessThanOrEqual(queueMax);
          expect(taken.filter(({ isProbe }) => isProbe).length).toBeLessThanOrEqual(1);
          // Whoever waits in memory has a call before it whose end lets it in.
          if (taken.length === 0) expect(waiting).toBe(0);
          expect(told.opened.length - told.recovered.length).toBeGreaterThanOrEqual(0);
          expect(told.opened.length - told.recovered.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('that all fail lead to one call for each pause, and a success ends it', () => {
    const { gate, clock, told } = gateWith({ breakerFailures: 1 });
    gate.leave(placeOf(gate.enter('a', nobody)), false);
    let pauseMs = 1_000;
    for (let probe = 0; probe < 10; probe += 1) {
      clock.time += pauseMs - 1;
      expect(gate.enter('a', nobody).kind).toBe('postponed');
      clock.time += 1;
      const place = placeOf(gate.enter('a', nobody));
      expect(gate.enter('a', nobody).kind).toBe('postponed');
      gate.leave(place, false);
      pauseMs = Math.min(60_000, pauseMs * 2);
    }
    clock.time += pauseMs;
    gate.leave(placeOf(gate.enter('a', nobody)), true);
    expect(told).toMatchObject({ opened: ['a'], recovered: ['a'] });
    expect([gate.enter('a', nobody).kind, gate.enter('a', nobody).kind]).toEqual(['entered', 'entered']);
  });
});
