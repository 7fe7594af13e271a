/** Seeds over several threads, a few at a time, until all are run, the time is up, or one has failed. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Tally } from '../tally.js';
import type { SimulateArguments } from './arguments.js';
import type { SeedsResult } from './run-seeds.js';

const chunk = 50;

export interface Progress {
  readonly tally: Tally;
  seeds: number;
  virtualMs: number;
  events: number;
  failure: SeedsResult['failure'];
}

/** Of seeds that fail on several threads the lowest is kept. */
export async function runAllSeeds(asked: SimulateArguments, told: (progress: Progress) => void): Promise<Progress> {
  const progress: Progress = { tally: new Tally(), seeds: 0, virtualMs: 0, events: 0, failure: undefined };
  const end = asked.forMs === undefined ? Infinity : performance.now() + asked.forMs;
  let next = 0;
  const takeChunk = (): { from: number; count: number } | undefined => {
    const count = Math.min(chunk, asked.seeds - next);
    if (count <= 0 || progress.failure !== undefined || performance.now() >= end) return undefined;
    next += count;
    return { from: asked.from + next - count, count };
  };
  await Promise.all(
    Array.from({ length: asked.workers }, async () => {
      const worker = new Worker(new URL('./seeds-worker.js', import.meta.url));
      try {
        for (let order = takeChunk(); order !== undefined; order = takeChunk()) {
          worker.postMessage(order);
          const [result] = (await once(worker, 'message')) as [SeedsResult];
          add(progress, result);
          told(progress);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  return progress;
}

function add(progress: Progress, result: SeedsResult): void {
  progress.seeds += result.seeds;
  progress.virtualMs += result.virtualMs;
  progress.events += result.events;
  progress.tally.add(result.counts);
  const { failure } = result;
  if (failure !== undefined && failure.seed < (progress.failure?.seed ?? Infinity)) progress.failure = failure;
}
