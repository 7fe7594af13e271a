import type { World } from './faults/fault.js';
import type { Random } from './random.js';

/** Without one more that has finished. Far longer than the longest retry interval and time limit that the coordinator is given. */
export const finishTimeLimitMs = 60_000;
const pollMs = 100;

/**
 * Without faults, everything must finish by itself: however slow the machine is, one after the other. Answers what was left when none
 * had finished for the time, in sentences.
 */
export async function settle(
  { clients, url, log, pause }: World,
  random: Random,
  { stop, timeLimitMs }: { readonly stop: AbortSignal; readonly timeLimitMs: number },
): Promise<readonly string[]> {
  log('the faults have stopped');
  // A slow machine may not have come to each kind of transaction while there were faults; the audit asks for each.
  for (const givenUpAt = performance.now() + timeLimitMs; !clients.hasEachKindEnded && !stop.aborted;) {
    if (performance.now() > givenUpAt) break;
    await pause(pollMs);
  }
  await clients.stop();
  await clients.askAgain(random);
  let lastEndAt = performance.now();
  let unfinished: readonly string[] | undefined;
  while (!stop.aborted && performance.now() - lastEndAt < timeLimitMs) {
    const left = await unfinishedAt(url);
    if (left?.length === 0) {
      log('everything has finished');
      return [];
    }
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
