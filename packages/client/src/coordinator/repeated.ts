/**
 * Repeats what is safe to repeat: every verb names a gid or only reads, so a repeat does nothing twice.
 *
 * R1. Where there are several coordinators, none that is silent uses up the caller's time: the next one is asked beside it, and the
 *     first answer counts. Nothing is cut short for that, since what is only slow may still answer.
 * R2. Who waits for an outcome waits as long as the coordinator lives: there, silence is that of another question.
 * R3. That one is busy, or behind a gateway that does not reach it, is no answer while another is being asked, which may have accepted.
 * R4. Each coordinator is asked by one request at a time, and there are no more requests than the caller's repeats.
 */
import { CoordinatorUnreachable } from '../errors.js';
import type { CoordinatorAnswer } from './coordinator-port.js';
import type { NodeChoice } from './node-choice.js';

const firstPauseMs = 100;
/** So long nobody who is up to the work says nothing; and a fifth of the time limit where that is less. */
const silenceMaxMs = 2_000;
const busyStatuses: readonly number[] = [429, 503];
/** Why there is no further request; what the others came to is told. */
const nobody = new Error('there is nobody else to ask');

export interface RepeatOptions<Place> {
  readonly nodes: NodeChoice<Place>;
  readonly gid: string | undefined;
  readonly repeats: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** A question that is answered at once: where the request itself may be silent, because its caller waits. Resolves with the answer. */
  readonly isAlive: ((place: Place, signal: AbortSignal) => Promise<object>) | undefined;
  /** What to throw when the last error counts. */
  readonly unreachable: (error: unknown) => CoordinatorUnreachable;
}

/** Asks until there is an answer other than "busy", and at most `repeats` times more. */
export async function repeated<Place>(
  { nodes, gid, repeats, timeoutMs, signal: given, isAlive, unreachable }: RepeatOptions<Place>,
  once: (place: Place, signal: AbortSignal) => Promise<CoordinatorAnswer>,
): Promise<CoordinatorAnswer> {
  const over = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), over.signal, ...(given ? [given] : [])]);
  const silenceMs = Math.min(silenceMaxMs, timeoutMs / 5);
  const beingAsked = new Set<Place>();
  let requests = 0;

  const ask = async (pauseMs: number): Promise<CoordinatorAnswer> => {
    // Up to a quarter longer, so that many callers who were refused together do not come back together.
    if (pauseMs > 0) await pause(pauseMs * (1 + Math.random() / 4), signal);
    const place = nodes.next(gid, requests, beingAsked);
    if (place === undefined || requests > repeats) throw nobody;
    const again = firstPauseMs * 2 ** requests;
    requests += 1;
    beingAsked.add(place);
    const ended = new AbortController();
    const answer = once(place, signal).finally(() => {
      beingAsked.delete(place);
      ended.abort(nobody);
    });
    const settled = answer.then(
      (got) => {
        nodes.answered(place);
        const isLast = beingAsked.size === 0;
        // Without a body it is that of a gateway, which did not get one.
        if (!busyStatuses.includes(got.status) && (isLast || got.body)) return got;
        if (requests <= repeats) return ask(got.retryAfterMs ?? again);
        if (isLast) return got;
        throw nobody;
      },
      (error: unknown) => {
        if (requests > repeats || signal.aborted || error instanceof CoordinatorUnreachable) throw error;
        return ask(again);
      },
    );
    if (nodes.isSingle) return settled;
    return Promise.any([settled, silence(place, ended.signal).then(() => ask(0))]);
  };

  /** Resolves when the place has been silent; rejects when it was not. */
  const silence = async (place: Place, ended: AbortSignal): Promise<void> => {
    let answer: object | undefined = {};
    while (answer) {
      await pause(silenceMs, ended);
      const until = AbortSignal.any([AbortSignal.timeout(silenceMs), ended]);
      answer = await isAlive?.(place, until).catch(() => undefined);
    }
    ended.throwIfAborted();
    nodes.silent(place);
  };

  try {
    return await ask(0);
  } catch (error) {
    given?.throwIfAborted();
    const first = errorsIn(error).find((one) => one !== nobody);
    throw first instanceof CoordinatorUnreachable ? first : unreachable(first);
  } finally {
    over.abort();
  }
}

/** In the order of the requests. */
function errorsIn(error: unknown): readonly unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(errorsIn) : [error];
}

/** Rejects where the signal ends it. */
function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, delayMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
