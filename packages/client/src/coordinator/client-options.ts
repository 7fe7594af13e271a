import { durationMs, type Duration } from '../duration.js';
import { httpUrl } from '../http-url.js';
import type { ClientClock } from './client-clock.js';
import type { CoordinatorPort } from './coordinator-port.js';
import { placesOf, type Places } from './node-choice.js';
import { invalidOption } from '../option-names.js';

interface CommonOptions {
  /** How long one verb may take in all, repeats included. Default 10 s: more than the coordinator lets anybody wait. */
  readonly timeout?: Duration;
  /** In place of the global `fetch`, for the coordinator and for branches that are called from here. */
  readonly fetch?: typeof fetch;
  /** In place of the machine's clock, by which workflows sleep: a test kit brings its own. */
  readonly clock?: ClientClock;
}

/** A coordinator that is reached by HTTP. */
export interface HttpClientOptions extends CommonOptions {
  /**
   * Where the coordinator is, such as `http://127.0.0.1:36789`. A path, if there is one, is the path of its API. Several: nodes on
   * one store without a balancer before them. Where one is gone, a repeat goes to the next. Where one says nothing for 2 s (a fifth of
   * `timeout` where that is less), the next one is asked as well, and the first answer counts; it is asked last for 10 s then. A caller
   * who waits for an outcome waits on as long as the coordinator answers `query` meanwhile. All within `timeout` and `repeats`.
   */
  readonly url: Places;
  /**
   * How often a request is repeated whose connection was refused or lost, or that the coordinator was too busy for.
   * Default 3: within about a second, or as the coordinator asks. Safe, because a gid makes every verb idempotent.
   */
  readonly repeats?: number;
  /** Headers for every request to the coordinator: an access token, for one. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A coordinator that something else reaches: one inside this process, by `embedded` of `@tandem/client/embedded`. */
export interface PortClientOptions extends CommonOptions {
  /** What `embedded` or `grpcCoordinator` made. */
  readonly coordinator: CoordinatorPort;
}

/** A coordinator by its `url`, or by a `coordinator` that is reached in another way. */
export type ClientOptions = HttpClientOptions | PortClientOptions;

/** The options of HTTP with nothing left open. */
export interface ResolvedHttpOptions {
  readonly apiUrls: readonly [string, ...string[]];
  readonly timeoutMs: number;
  readonly repeats: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
}

const defaultApiPath = '/api/dtmsvr';

export function resolveHttpOptions(options: HttpClientOptions): ResolvedHttpOptions {
  const [url, ...others] = placesOf('url', options.url);
  const { repeats = 3 } = options;
  if (!Number.isSafeInteger(repeats) || repeats < 0) {
    throw invalidOption(`repeats must be a whole number from 0 on, not ${String(repeats)}`);
  }
  return {
    apiUrls: [apiUrlOf(url), ...others.map(apiUrlOf)],
    timeoutMs: timeoutMsOf(options),
    repeats,
    headers: options.headers ?? {},
    fetch: fetchOf(options),
  };
}

export function timeoutMsOf({ timeout }: CommonOptions): number {
  return durationMs('timeout', timeout ?? '10s');
}

export function fetchOf(options: CommonOptions): typeof fetch {
  return options.fetch ?? ((input, init) => fetch(input, init));
}

function apiUrlOf(text: string): string {
  const url = httpUrl(text);
  if (!url) {
    throw invalidOption(`url must be the coordinator's, such as http://127.0.0.1:36789, not "${text}"`);
  }
  const path = url.pathname.replace(/\/+$/, '');
  return url.origin + (path || defaultApiPath);
}
