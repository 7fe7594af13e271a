/** One thread of `npm run simulate`: runs the seeds that it is sent. */
import { parentPort } from 'node:worker_threads';
import { runSeeds } from './run-seeds.js';

export interface SeedsOrder {
  readonly from: number;
  readonly count: number;
}

parentPort?.on('message', ({ from, count }: SeedsOrder) => {
  void runSeeds(from, count).then((result) => {
    parentPort?.postMessage(result);
  });
});
