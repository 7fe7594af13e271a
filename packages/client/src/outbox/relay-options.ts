import type { Connection } from '../coordinator/connection.js';
import { durationMs, type Duration } from '../duration.js';
import { checkNames, invalidOption, type OptionNames } from '../option-names.js';
import type { Parked } from './outbox-rows.js';

/** How a relay works. */
export interface RelayOptions {
  /** Ends the relay, as `close` does. */
  readonly signal?: AbortSignal;
  /** How often it looks for what other processes have sent. Default 1 s. */
  readonly pollInterval?: Duration;
  /** The longest pause while the coordinator or the database cannot be reached. Default 10 s. */
  readonly backOff?: Duration;
  /** Rows that are claimed at once, at most 1,000. Default 50. */
  readonly batchRows?: number;
  /** Submits side by side, at most 100. Default 8. */
  readonly concurrency?: number;
  /**
   * How long claimed rows are left to this relay; if it dies, others go on after that. Default 30 s; longer than the client's
   * `timeout`, so that a row is not sent by two.
   */
  readonly lease?: Duration;
  /** The coordinator refused a row; it is put aside. Default: to the console. */
  readonly onParked?: (parked: Parked) => unknown;
  /** The coordinator or the database could not be reached, or failed; it goes on after a pause. Default: to the console. */
  readonly onError?: (error: unknown) => unknown;
}

export interface ResolvedRelayOptions {
  readonly pollMs: number;
  readonly backOffMs: number;
  readonly batchRows: number;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly onParked: (parked: Parked) => unknown;
  readonly onError: (error: unknown) => unknown;
}

const relayNames: OptionNames<RelayOptions> = {
  signal: true,
  pollInterval: true,
  backOff: true,
  batchRows: true,
  concurrency: true,
  lease: true,
  onParked: true,
  onError: true,
};

/** Throws `INVALID_OPTION`. */
export function resolveRelayOptions(options: RelayOptions, { timeoutMs }: Connection): ResolvedRelayOptions {
  checkNames('outbox.relay', options, relayNames);
  const leaseMs = durationMs('lease', options.lease ?? '30s');
  if (leaseMs <= timeoutMs) {
    const told = `lease must be longer than the timeout of the client (${String(timeoutMs)} ms)`;
    throw invalidOption(`${told}: another relay would send what this one is sending`);
  }
  return {
    pollMs: Math.max(1, durationMs('pollInterval', options.pollInterval ?? '1s')),
    backOffMs: Math.max(1, durationMs('backOff', options.backOff ?? '10s')),
    batchRows: count('batchRows', options.batchRows ?? 50, 1_000),
    concurrency: count('concurrency', options.concurrency ?? 8, 100),
    leaseMs,
    onParked: options.onParked ?? (({ gid, reason }) => console.error(`outbox: ${gid} is put aside: ${reason}`)),
    onError: options.onError ?? ((error) => console.error('outbox:', error)),
  };
}

/** A whole number from 1 to its maximum. */
export function count(option: string, value: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw invalidOption(`${option} must be a whole number from 1 to ${String(max)}`);
}
