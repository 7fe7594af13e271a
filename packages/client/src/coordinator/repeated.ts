/**
 * Repeats what is safe to repeat: every verb names a gid or only reads, so a repeat after a lost connection does nothing twice.
 * A request that timed out is not repeated: it has used up the time that the caller gave.
 */
import { CoordinatorUnreachable } from '../errors.js';
import type { CoordinatorAnswer } from './coordinator-port.js';

const firstPauseMs = 100;
const busyStatuses: readonly number[] = [429, 503];

export interface RepeatOptions {
  readonly repeats: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** What to throw when the last error counts. */
  unreachable(error: unknown): CoordinatorUnreachable;
}

/** Asks until there is an answer other than "busy", and at most `repeats` times more; tells how many times it has asked. */
export async function repeated(
  options: RepeatOptions,
  once: (signal: AbortSignal, repeat: number) => Promise<CoordinatorAnswer>,
): Promise<CoordinatorAnswer> {
  const timeLimit = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeLimit : AbortSignal.any([timeLimit, options.signal]);
  for (let repeat = 0; ; repeat += 1) {
    const isLast = repeat >= options.repeats;
    let pauseMs = firstPauseMs * 2 ** repeat;
    try {
      const answer = await once(signal, repeat);
      if (isLast || !busyStatuses.includes(answer.status)) return answer;
      pauseMs = answer.retryAfterMs ?? pauseMs;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof CoordinatorUnreachable) throw error;
      if (isLast || timeLimit.aborted) throw options.unreachable(error);
    }
    // Up to a quarter longer, so that many callers who were refused together do not come back together.
    await pause(pauseMs * (1 + Math.random() / 4), signal);
    options.signal?.throwIfAborted();
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
