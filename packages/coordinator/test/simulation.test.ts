/**
 * Random runs of several worlds, by seed. `SEED=1 SEEDS=200 WORLDS=plain,faults` choose what runs, `TRACE=1` prints what happened:
 * a seed that fails is replayed with `SEED=n SEEDS=1 WORLDS=name TRACE=1`.
 */
import { expect, test } from 'vitest';
import { simulate, type Knobs } from './simulation.js';

const first = Number(process.env['SEED'] ?? 1);
const count = Number(process.env['SEEDS'] ?? 200);
const calm: Knobs = {
  nodes: 2,
  transactions: 12,
  faults: 0,
  slow: 0,
  crashes: false,
  verbs: true,
  force: false,
  sticky: false,
  stalls: 0,
  policy: {},
};
const tight = { runningMax: 6, callsPerTargetMax: 1, queuePerTargetMax: 1, breakerFailures: 2, claimMax: 3 };
const worlds: Record<string, Knobs> = {
  plain: calm,
  one: { ...calm, nodes: 1, force: true },
  oneTight: { ...calm, nodes: 1, force: true, policy: tight },
  slow: { ...calm, slow: 0.5 },
  tight: { ...calm, policy: tight },
  faults: { ...calm, faults: 0.05, slow: 0.3 },
  all: { ...calm, nodes: 3, faults: 0.05, slow: 0.3, crashes: true, policy: tight },
  force: { ...calm, nodes: 2, force: true, slow: 0.2 },
  stalls: { ...calm, nodes: 1, stalls: 0.1, force: true },
};
const chosen = (process.env['WORLDS'] ?? Object.keys(worlds).join()).split(',');

test.each(chosen)(
  '%s',
  async (name) => {
    const world = worlds[name] ?? calm;
    const found = new Map<string, string[]>();
    for (let seed = first; seed < first + count; seed += 1) {
      const verdict = await simulate(seed, world);
      if (process.env['TRACE'] !== undefined) console.log(verdict.trace.join('\n'));
      for (const problem of verdict.problems) {
        const kind = problem.replaceAll(/g?\d+/g, 'N').slice(0, 150);
        found.set(kind, [...(found.get(kind) ?? []), `${String(seed)}: ${problem}`]);
      }
    }
    const report = [...found].map(
      ([kind, all]) => `${String(all.length)}x ${kind} e.g. ${all.slice(0, 3).join(' | ')}`,
    );
    expect(report).toEqual([]);
  },
  600_000,
);
