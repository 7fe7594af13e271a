import { describe, expect, test } from 'vitest';
import { drawSeed, runDraw, Tally } from '@tandem/simulation';

/** A few seeds with every suite; `npm run verify` runs 20,000. `SEED` and `SEEDS` choose others. */
const from = Number(process.env['SEED'] ?? 1);
const count = Number(process.env['SEEDS'] ?? 300);

describe('the simulation', () => {
  // It computes all the time: some seconds on a quiet machine, and many times that beside others and while coverage is measured.
  test('holds for some hundred seeds, and each fault and rare path happens in them', { timeout: 600_000 }, async () => {
    const tally = new Tally();
    const problems: string[] = [];
    for (let seed = from; seed < from + count; seed += 1) {
      const verdict = await runDraw(drawSeed(seed));
      tally.add(verdict.tally.counts);
      problems.push(...verdict.problems.map(({ kind, text }) => `seed ${String(seed)}: ${kind}: ${text}`));
    }
    expect(problems).toEqual([]);
    if (count >= 300) expect(tally.missing()).toEqual([]);
  });

  test('is decided by the seed alone: the same transcript, byte for byte', async () => {
    for (let seed = from; seed < from + 20; seed += 1) {
      const [first, second] = [await transcriptOf(seed), await transcriptOf(seed)];
      expect(second).toBe(first);
    }
  });
});

async function transcriptOf(seed: number): Promise<string> {
  const { transcript } = await runDraw(drawSeed(seed), { isTranscribed: true });
  return transcript.join('\n');
}
