import { setTimeout as delay } from 'node:timers/promises';
import { isPassing, mongoFault } from './mongo-fault.js';

/** Pauses between tries, in ms, before chance makes each of them up to twice as long; no more tries than that. */
const pausesMs = [5, 20, 80, 250, 500];

/**
 * Runs what can be done again without harm, and does it again while faults may pass. Throws `StoreError`. What is not known
 * to have happened after a fault must be recognised by the next try, by its token.
 */
export async function patiently<T>(run: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await run();
    } catch (error) {
      if (!isPassing(error)) throw mongoFault(error);
    }
    await delay(pauseMs * (1 + Math.random()));
  }
  try {
    return await run();
  } catch (error) {
    throw mongoFault(error);
  }
}
