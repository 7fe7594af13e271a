/** `npm run simulate`: runs seeds; the first that fails is replayed, shrunk to its transcript, and ends it with 1. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Draw } from '../draw/draw.js';
import { drawSeed } from '../draw/draw-seed.js';
import { runDraw } from '../run-draw.js';
import { shrinkDraw } from '../shrink/shrink-draw.js';
import { runAllSeeds } from './all-seeds.js';
import { readArguments, type SimulateArguments } from './arguments.js';
import { drawText, problemsText, progressLine, tallyText } from './report.js';

const progressEveryMs = 5_000;

async function main(): Promise<boolean> {
  const asked = readArguments(process.argv.slice(2));
  if (asked.drawFile !== undefined) return replay(JSON.parse(readFileSync(asked.drawFile, 'utf8')) as Draw);
  if (asked.isTranscribed) return transcribe(asked);
  const startedAt = performance.now();
  let shownAt = startedAt;
  const progress = await runAllSeeds(asked, (sofar) => {
    if (performance.now() - shownAt < progressEveryMs) return;
    shownAt = performance.now();
    console.log(progressLine(sofar, shownAt - startedAt));
  });
  const { failure } = progress;
  if (failure !== undefined) await explain(failure.seed);
  console.log(tallyText(progress.tally));
  console.log(
    `${progressLine(progress, performance.now() - startedAt)}: ${failure === undefined ? 'all hold' : 'FAILED'}`,
  );
  return failure === undefined;
}

async function transcribe({ from, seeds }: SimulateArguments): Promise<boolean> {
  let isFine = true;
  for (let seed = from; seed < from + seeds; seed += 1) isFine = (await replay(drawSeed(seed))) && isFine;
  return isFine;
}

async function replay(draw: Draw): Promise<boolean> {
  const { problems, transcript } = await runDraw(draw, { isTranscribed: true });
  console.log(transcript.join('\n'));
  console.log(problems.length === 0 ? 'all holds' : problemsText(problems));
  return problems.length === 0;
}

/** Replays a failing seed, and makes the smallest run of it that still fails. */
async function explain(seed: number): Promise<void> {
  const draw = drawSeed(seed);
  const { problems } = await runDraw(draw);
  console.log(`\nseed ${String(seed)} fails:\n${problemsText(problems)}`);
  const [first] = problems;
  if (first === undefined) {
    console.log('  and does not fail when it is run again: something in it is not decided by the seed');
    return;
  }
  const shrunk = await shrinkDraw(draw, async (smaller) => {
    const verdict = await runDraw(smaller);
    return verdict.problems.some(({ kind }) => kind === first.kind);
  });
  const file = save(seed, shrunk.draw);
  console.log(`\nwhat is left of it after ${String(shrunk.runs)} smaller runs:\n${drawText(shrunk.draw)}\n`);
  await replay(shrunk.draw);
  console.log(`\nreplay all of it:   npm run simulate -- --from ${String(seed)} --seeds 1`);
  console.log(`with what happened: npm run simulate -- --from ${String(seed)} --seeds 1 --transcript`);
  console.log(`what is left of it: npm run simulate -- --draw ${file}\n`);
}

function save(seed: number, draw: Draw): string {
  const folder = join('.cache', 'simulation');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${String(seed)}.json`);
  writeFileSync(file, `${JSON.stringify(draw, undefined, 2)}\n`);
  return file;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
