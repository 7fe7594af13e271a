import type { ErrorCode } from '@tandem/protocol';
import type { CoordinatorMeter } from './coordinator-meter.js';
import type { Log } from './log.js';
import { Seldom } from './seldom.js';

const quietMs = 10_000;

/** Logs requests that failed without the caller's fault: every defect, and the rest seldom, with a count. */
export function reportFailures(log: Log, meter: CoordinatorMeter) {
  const seldom = new Seldom(quietMs);
  return (error: unknown, code: ErrorCode, route: string): void => {
    if (code === 'INTERNAL') {
      meter.defect();
      log.error({ err: error, route }, 'a request met a defect');
      return;
    }
    const heldBack = seldom.pass(code);
    if (heldBack === undefined) return;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
    log.warn({ code, route, error: String(error), cause, ...(heldBack > 0 && { heldBack }) }, 'a request failed');
  };
}
