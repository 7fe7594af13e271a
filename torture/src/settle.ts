import type { World } from './faults/fault.js';
import type { Random } from './random.js';

/** Without one more that has finished. Far longer than the longest retry interval and time limit that the coordinator is given. */
export const finishTimeLimitMs = 60_000;
const pollMs = 100;

/** What the time after the faults came to. */
export interface Settled {
  /** What was left when none had finished for the time, in sentences. */
  readonly unfinished: readonly string[];
  /** The kinds of which none had ended while the others were at work, and which were asked for alone. */
  readonly madeUp: readonly string[];
}

/** Without faults, everything must finish by itself: however slow the machine is, one after the other. */
export async function settle(world: World, random: Random, limits: Limits): Promise<Settled> {
  const { clients, log } = world;
  log('the faults have stopped');
  await clients.stop();
  await clients.askAgain(random);
  const unfinished = await untilFinished(world, limits);
  if (unfinished.length > 0 || limits.stop.aborted) return { unfinished, madeUp: [] };
  log('everything has finished');
  // With all clients at once, a slow machine may have kept to the time limits of no transaction of some kind; the audit asks for each.
  const madeUp = await clients.makeUp(random, limits.timeLimitMs);
  return { unfinished: await untilFinished(world, limits), madeUp };
}

interface Limits {
  readonly stop: AbortSignal;
  readonly timeLimitMs: number;
}

async function untilFinished({ url, pause }: World, { stop, timeLimitMs }: Limits): Promise<readonly string[]> {
  let lastEndAt = performance.now();
  let unfinished: readonly string[] | undefined;
  while (!stop.aborted && performance.now() - lastEndAt < timeLimitMs) {
    const left = await unfinishedAt(url);
    if (left?.length === 0) return [];
    if (left !== undefined && left.length < (unfinished?.length ?? Infinity)) {
      unfinished = left;
      lastEndAt = performance.now();
    }
    await pause(pollMs);
  }
  return unfinished ?? ['the coordinator does not answer'];
}

interface Page {
  readonly transactions: readonly { readonly gid: string; readonly status: string }[];
  readonly next_position: string;
}

/** Undefined: it did not say. */
async function unfinishedAt(url: string): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  let position = '';
  try {
    do {
      const query = new URLSearchParams({ finished: 'false', limit: '1000', position });
      const response = await fetch(`${url}/api/dtmsvr/all?${query.toString()}`, { signal: AbortSignal.timeout(5_000) });
      if (!response.ok) return undefined;
      const page = (await response.json()) as Page;
      found.push(...page.transactions.map(({ gid, status }) => `${gid} is ${status}`));
      position = page.next_position;
    } while (position !== '');
    return found;
  } catch {
    return undefined;
  }
}
