import { durationMs, type Duration } from '../duration.js';
import { InvalidUse } from '../errors.js';

export interface ClientOptions {
  /** Where the coordinator is, such as `http://127.0.0.1:36789`. A path, if there is one, is the path of its API. */
  readonly url: string;
  /** How long one verb may take in all, repeats included. Default 10 s: more than the coordinator lets anybody wait. */
  readonly timeout?: Duration;
  /**
   * How often a request is repeated whose connection was refused or lost, or that the coordinator was too busy for.
   * Default 3: within about a second, or as the coordinator asks. Safe, because a gid makes prepare, submit and abort idempotent.
   */
  readonly repeats?: number;
  /** Headers for every request to the coordinator: an access token, for one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** The options with nothing left open. */
export interface ResolvedClientOptions {
  readonly apiUrl: string;
  readonly timeoutMs: number;
  readonly repeats: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
}

const defaultApiPath = '/api/dtmsvr';

export function resolveClientOptions(options: ClientOptions): ResolvedClientOptions {
  return {
    apiUrl: apiUrlOf(options.url),
    timeoutMs: durationMs('timeout', options.timeout ?? '10s'),
    repeats: options.repeats ?? 3,
    headers: options.headers ?? {},
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
  };
}

function apiUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidUse(
      'INVALID_OPTION',
      `url must be the coordinator's, such as http://127.0.0.1:36789, not "${text}"`,
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  return url.origin + (path === '' ? defaultApiPath : path);
}
