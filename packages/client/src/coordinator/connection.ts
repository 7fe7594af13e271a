import { durationMs, type Duration } from '../duration.js';
import type { ClientClock } from './client-clock.js';
import { checkNames, type OptionNames } from '../option-names.js';
import {
  fetchOf,
  resolveHttpOptions,
  timeoutMsOf,
  type ClientOptions,
  type HttpClientOptions,
  type PortClientOptions,
} from './client-options.js';
import type { CoordinatorPort } from './coordinator-port.js';
import { HttpCoordinator } from './http-coordinator.js';

/** What every mode works with: the coordinator, and the way to participants that are called from here. */
export interface Connection {
  /** The way to the coordinator. */
  readonly coordinator: CoordinatorPort;
  /** The way to participants by HTTP. */
  readonly fetch: typeof fetch;
  /** The time limit of a call of a participant that has none of its own. */
  readonly timeoutMs: number;
  /** What workflows sleep by; undefined: the machine's clock. */
  readonly clock: ClientClock | undefined;
}

const clientNames: OptionNames<HttpClientOptions & PortClientOptions> = {
  url: true,
  coordinator: true,
  timeout: true,
  repeats: true,
  headers: true,
  fetch: true,
  clock: true,
};

/** Throws `INVALID_OPTION` for a url that cannot be a coordinator's; makes no call. */
export function connectionOf(options: ClientOptions): Connection {
  checkNames('createClient', options, clientNames);
  const port = 'coordinator' in options ? (options.coordinator as CoordinatorPort | undefined) : undefined;
  // Code in JavaScript may name both, and mean the one that is there.
  const coordinator = port ?? new HttpCoordinator(resolveHttpOptions(options as HttpClientOptions));
  return { coordinator, fetch: fetchOf(options), timeoutMs: timeoutMsOf(options), clock: options.clock };
}

/** The time limit of one call of a participant. */
export function callTimeoutMs({ timeoutMs }: Connection, requestTimeout: Duration | undefined): number {
  return requestTimeout === undefined ? timeoutMs : durationMs('requestTimeout', requestTimeout);
}
